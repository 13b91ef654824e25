// One connection for each call: what a statement sets in its session goes with it, and no tenant meets another's.
import type { ToolCallContext } from '@pulser/mcp-server-kit';
import { ToolError } from '@pulser/mcp-server-kit';
import type { Client, ClientConfig } from 'pg';

import { bindToTenant, checkLogin } from './login.js';
import { asSqlError } from './sql-error.policy.js';

export interface ConnectionOptions {
  /** Milliseconds that one statement may run. */
  readonly statementMs: number;
}

const usual: ConnectionOptions = { statementMs: 30_000 };

/** The host as it is connected to: an address that was checked, under the name that its certificate has. */
const hostOf = async (call: ToolCallContext, config: ClientConfig): Promise<Partial<ClientConfig>> => {
  const { host = 'localhost', port = 5432 } = config;
  if (call.privateAddresses) return {};
  if (host.startsWith('/')) throw new ToolError('refused', 'A socket is for the operator of the server alone');
  const { addresses } = await call.route(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const [address = host] = addresses;
  // A tenant's credentials travel encrypted or not at all.
  return { host: address, ssl: { ...(typeof config.ssl === 'object' && config.ssl), servername: host } };
};

const files = ['sslcert', 'sslkey', 'sslrootcert'];

/** The address of the database. @throws ToolError refused when one that a tenant has set names files of this machine */
const addressOf = (call: ToolCallContext): string => {
  const text = call.required('SUPABASE_DB_URL');
  const query = URL.parse(text)?.searchParams;
  // They would be read with the parsing of the address.
  if (!call.privateAddresses && (query === undefined || files.some((name) => query.has(name))))
    throw new ToolError('refused', 'SUPABASE_DB_URL has to be a URL, and may not name files');
  return text;
};

// Loaded in the first call: a server that only lists its tools needs neither.
const newClient = async (call: ToolCallContext, { statementMs }: ConnectionOptions): Promise<Client> => {
  const [{ default: pg }, { toClientConfig, parse }] = await Promise.all([
    import('pg'),
    import('pg-connection-string'),
  ]);
  const config = toClientConfig(parse(addressOf(call)));
  // Times as PostgreSQL writes them: a Date has milliseconds only.
  const asText = new Set<number>([pg.types.builtins.DATE, pg.types.builtins.TIMESTAMP, pg.types.builtins.TIMESTAMPTZ]);
  return new pg.Client({
    ...config,
    ...(await hostOf(call, config)),
    application_name: 'pulser-mcp-supabase',
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementMs,
    // A server that does not keep its own time limit.
    query_timeout: statementMs + 5_000,
    idle_in_transaction_session_timeout: 30_000,
    types: {
      getTypeParser: ((oid: Parameters<typeof pg.types.getTypeParser>[0], format: 'text') =>
        asText.has(oid) ? String : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
    },
  });
};

type Mode = 'read only' | 'read write';

/**
 * The tenant comes with the call, from the coordinator: no argument of a tool names one.
 * @returns whether it is Pulser's own database, in which one login serves all tenants
 */
const begin = async (client: Client, { tenant }: ToolCallContext, mode: Mode): Promise<boolean> => {
  await client.query('begin');
  const { isPulsers } = await checkLogin(client);
  if (isPulsers && mode === 'read write')
    throw new ToolError(
      'refused',
      "Tools only read Pulser's own database: tasks, memories and data are written by its API",
    );
  if (isPulsers) await bindToTenant(client, tenant);
  await client.query(`select set_config('app.tenant_id', $1, true)`, [tenant ?? '']);
  // After the binding, which is a row. There is no way back from it in the transaction.
  if (mode === 'read only') await client.query('set transaction read only');
  return isPulsers;
};

/** Rolled back unless `work` comes to its end. */
const inTransaction = async <T>(
  client: Client,
  call: ToolCallContext,
  mode: Mode,
  work: (client: Client, isPulsers: boolean) => Promise<T>,
): Promise<T> => {
  const isPulsers = await begin(client, call, mode);
  const result = await work(client, isPulsers);
  // Of what only reads nothing stays, the binding neither.
  await client.query(mode === 'read only' ? 'rollback' : 'commit');
  return result;
};

/**
 * Runs `work` in a transaction of a new connection, bound to the tenant of the call; `isPulsers` says that the database is
 * Pulser's own, whose login serves all tenants.
 * @throws ToolError, also for every error of PostgreSQL
 */
export const withDatabase = async <T>(
  call: ToolCallContext,
  mode: Mode,
  work: (client: Client, isPulsers: boolean) => Promise<T>,
  options: ConnectionOptions = usual,
): Promise<T> => {
  const client = await newClient(call, options);
  // A connection that breaks while nothing is asked is noticed by the next statement.
  client.on('error', () => undefined);
  const leave = (): void => {
    void client.end();
  };
  call.signal.addEventListener('abort', leave, { once: true });
  try {
    await client.connect();
    return await inTransaction(client, call, mode, work);
  } catch (error) {
    throw asSqlError(error);
  } finally {
    call.signal.removeEventListener('abort', leave);
    // Ends a transaction that is still open.
    await client.end().catch(() => undefined);
  }
};
