// The servers of a run: a PostgreSQL and a RabbitMQ of its own, and what is created on them.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { builtInAgents, exchange, queue } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { connect } from 'amqplib';

import { workspaceRoot } from './run.js';

/** This machine cannot provide what was asked for. */
export class Unavailable extends Error {}

/** Exit code of services.mjs and peers.mjs for {@link Unavailable}. */
const unavailableCode = 3;

/**
 * Runs a script of deploy/local to its end.
 * @returns its standard output
 * @throws Unavailable when the script says so; Error with its standard error otherwise
 */
export const runScript = async (script: string, args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, [`deploy/local/${script}`, ...args], { cwd: workspaceRoot });
  let out = '';
  let complaint = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === unavailableCode) throw new Unavailable(complaint.trim());
  if (code !== 0) throw new Error(`${script} ${args.join(' ')}: ${complaint.trim()}`);
  return out;
};

export type BrokerAction = 'start' | 'stop' | 'kill' | 'wipe';
export type PostgresAction = 'start' | 'stop' | 'kill' | 'fill' | 'free';

const addressIn = (exports: string, variable: string): string => {
  const found = new RegExp(`^export ${variable}='?([^'\n]*)'?$`, 'm').exec(exports)?.[1];
  if (found === undefined) throw new Error(`services.mjs did not print ${variable}`);
  return found;
};

/** A PostgreSQL and a RabbitMQ of a run's own, started by deploy/local/services.mjs. */
export class Servers {
  private constructor(
    private readonly options: readonly string[],
    readonly databaseUrl: string,
    readonly amqpUrl: string,
  ) {}

  /**
   * @param disk where the database is: in `memory` it can be filled up, on `disk` an fsync costs what it costs
   * @throws Unavailable when this machine cannot run an instance of its own
   */
  static async up(suite: string, instance: string, disk: 'memory' | 'disk' = 'memory'): Promise<Servers> {
    const options = ['--suite', suite, '--instance', instance];
    const exports = await runScript('services.mjs', ['up', ...options, ...(disk === 'disk' ? ['--on-disk'] : [])]);
    return new Servers(options, addressIn(exports, 'DATABASE_URL'), addressIn(exports, 'AMQP_URL'));
  }

  async broker(action: BrokerAction): Promise<void> {
    await runScript('services.mjs', ['broker', action, ...this.options]);
  }

  /** @returns the output of rabbitmqctl */
  rabbitmqctl(...command: string[]): Promise<string> {
    return runScript('services.mjs', [...this.options, 'broker', 'ctl', '--', ...command]);
  }

  async postgres(action: PostgresAction): Promise<void> {
    await runScript('services.mjs', ['postgres', action, ...this.options]);
  }

  /** Stops and deletes them. */
  async down(): Promise<void> {
    await runScript('services.mjs', ['down', ...this.options]);
  }
}

/**
 * A connection pool of the administrator, for work that is not Pulser's.
 * @param applicationName shown in pg_stat_activity
 */
export const openAsAdministrator = async (
  url: string,
  connections: number,
  applicationName: string,
): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: connections, DATABASE_PREPARE: true },
    applicationName,
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};

/** Runs statements as the administrator, one after the other, outside of any transaction. */
export const administer = async (url: string, sql: readonly string[]): Promise<void> => {
  const database = await openAsAdministrator(url, 1, 'harness-administer');
  try {
    for (const text of sql) await database.query({ name: text.slice(0, 40), text });
  } finally {
    await database.close();
  }
};

/** A tenant and an API key of it. */
export interface Tenant {
  readonly name: string;
  readonly id: string;
  readonly key: string;
}

export interface MigratedDatabase {
  /** Of the administrator. */
  readonly url: string;
  readonly database: Database;
  readonly tenants: readonly Tenant[];
  /** Closes the pool and deletes the database. */
  drop(): Promise<void>;
}

export interface MigratedDatabaseOptions {
  readonly serverUrl: string;
  /** Start of its name; the rest is random. */
  readonly prefix: string;
  readonly tenants: readonly string[];
}

const connections = 6;

const createTenant = async (database: Database, name: string): Promise<Tenant> => {
  const key = newApiKey();
  const id = await new Tenants(database).ensure(name);
  await new ApiKeys(database).create(id, 'harness', key);
  return { name, id, key };
};

/** Creates a database with Pulser's schema, tenants and their API keys. */
export const makeMigratedDatabase = async (options: MigratedDatabaseOptions): Promise<MigratedDatabase> => {
  const { serverUrl, prefix } = options;
  const name = `${prefix}_${randomBytes(4).toString('hex')}`;
  await administer(serverUrl, [`create database ${name}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrateUp(url.href);
  const database = await openAsAdministrator(url.href, connections, prefix);
  const tenants: Tenant[] = [];
  for (const tenant of options.tenants) tenants.push(await createTenant(database, tenant));
  const drop = async (): Promise<void> => {
    await database.close();
    await administer(serverUrl, [`drop database ${name} with (force)`]);
  };
  return { url: url.href, database, tenants, drop };
};

const declaredQueues = [queue.routerTasks, queue.deadLetters, ...builtInAgents.map((agent) => queue.agent(agent))];

/** Deletes the queues and exchanges that services declared under an AMQP_NAMESPACE. */
export const dropNamespace = async (amqpUrl: string, namespace: string): Promise<void> => {
  const connection = await connect(amqpUrl);
  try {
    const channel = await connection.createChannel();
    for (const name of declaredQueues) await channel.deleteQueue(`${namespace}.${name}`);
    for (const { name } of Object.values(exchange)) await channel.deleteExchange(`${namespace}.${name}`);
  } finally {
    await connection.close();
  }
};
