// Odoo over the network: JSON-2 from version 19 on, JSON-RPC before. Which one it speaks is asked once in ten minutes.
import { createHash } from 'node:crypto';

import { BriefCache } from '@pulser/concurrency';
import { askJson, type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { json2, odooDetail } from './json-2.js';
import { jsonRpc } from './json-rpc.js';

export const dialects = ['json-2', 'json-rpc'] as const;
export type Dialect = (typeof dialects)[number];

/** A call of a method of a model. */
export interface OdooCall {
  readonly model: string;
  readonly method: string;
  /** Records that it is called on; undefined: on the model. */
  readonly ids?: readonly number[];
  /** Arguments by their names, in the order of the method's parameters. */
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface Account {
  readonly url: string;
  readonly database: string;
  readonly login: string | undefined;
  readonly key: string;
}

export interface Odoo {
  readonly dialect: Dialect;
  readonly version: string;
  readonly database: string;
  /** @throws ToolError */
  call(call: OdooCall): Promise<unknown>;
  /** The id of the user whose key it is. @throws ToolError refused when there is none */
  user(): Promise<number>;
}

const keptMs = 600_000;
const versions = new BriefCache<string>(keptMs, 1_000);
const users = new BriefCache<number>(keptMs, 1_000);

/** What may be kept of an account: nothing from which the key follows. */
const fingerprint = (account: Account): string =>
  createHash('sha256').update(JSON.stringify(account)).digest('base64url');

const accountOf = (call: ToolCallContext): Account => ({
  url: call.required('ODOO_URL').replace(/\/+$/, ''),
  database: call.required('ODOO_DATABASE'),
  login: call.optional('ODOO_LOGIN'),
  key: call.required('ODOO_API_KEY'),
});

const WebVersion = z.object({ version: z.string() });
const RpcVersion = z.object({ server_version: z.string() });

/** `/web/version` is there from 19 on; before it, the service `common` says the same. */
const versionOf = async (fetch: typeof globalThis.fetch, account: Account): Promise<string> => {
  try {
    const { body } = await askJson(fetch, `${account.url}/web/version`, { backend: 'Odoo', detail: odooDetail });
    return WebVersion.parse(body).version;
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
  }
  return RpcVersion.parse(await jsonRpc(fetch, account.url, 'common', 'version', [])).server_version;
};

/** `saas~18.2+e` has no major version of its own kind: the first number counts. */
export const dialectOf = (version: string): Dialect => (Number(/\d+/.exec(version)?.[0]) >= 19 ? 'json-2' : 'json-rpc');

const overJson2 = (fetch: typeof globalThis.fetch, account: Account): Pick<Odoo, 'call' | 'user'> => {
  const call = (given: OdooCall): Promise<unknown> => json2(fetch, account, given);
  return {
    call,
    user: async () =>
      z.object({ uid: z.number() }).parse(await call({ model: 'res.users', method: 'context_get' })).uid,
  };
};

const signIn = async (fetch: typeof globalThis.fetch, { url, database, login, key }: Account): Promise<number> => {
  if (login === undefined)
    throw new ToolError(
      'not_configured',
      'ODOO_LOGIN is not set: Odoo before version 19 needs the name of the user too',
    );
  const uid = await jsonRpc(fetch, url, 'common', 'authenticate', [database, login, key, {}]);
  if (typeof uid === 'number') return uid;
  throw new ToolError('refused', 'Odoo does not accept the login with this key');
};

// What creates records is told apart by its first positional argument; all else takes names.
const positional = ({ method, ids, args = {} }: OdooCall): readonly [unknown[], Record<string, unknown>] =>
  method === 'create' ? [Object.values(args), {}] : [ids === undefined ? [] : [ids], { ...args }];

const overJsonRpc = (fetch: typeof globalThis.fetch, account: Account): Pick<Odoo, 'call' | 'user'> => {
  const user = (): Promise<number> => users.get(fingerprint(account), () => signIn(fetch, account));
  return {
    user,
    call: async (given) => {
      const { url, database, key } = account;
      const args = [database, await user(), key, given.model, given.method, ...positional(given)];
      return jsonRpc(fetch, url, 'object', 'execute_kw', args);
    },
  };
};

/** Odoo as the caller may use it. @throws ToolError */
export const odooOf = async (call: ToolCallContext): Promise<Odoo> => {
  const account = accountOf(call);
  const version = await versions.get(fingerprint(account), () => versionOf(call.fetch, account));
  const dialect = dialectOf(version);
  const spoken = dialect === 'json-2' ? overJson2(call.fetch, account) : overJsonRpc(call.fetch, account);
  return { dialect, version, database: account.database, ...spoken };
};

/** The answer to a call in a known shape. @throws ToolError */
export const askOdoo = async <Shape extends z.ZodType>(
  odoo: Odoo,
  shape: Shape,
  call: OdooCall,
): Promise<z.output<Shape>> => {
  const parsed = shape.safeParse(await odoo.call(call));
  if (parsed.success) return parsed.data;
  throw new ToolError('upstream_error', `Odoo answered ${call.model}.${call.method} in an unknown shape`);
};
