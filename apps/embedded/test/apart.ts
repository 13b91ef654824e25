import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { testDatabase, type TestDatabase, TestVirtualHost } from '@pulser/testing';

export type ServiceName = 'gateway' | 'router' | 'health' | 'mcp-coordinator' | `agents/${string}`;

/** Who a service is on the broker. */
const userOf = (name: ServiceName): string => name.replace(/^agents\//, 'worker-');

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The built services as processes of their own, on a database and a broker of their own, each as a user of its own. */
export class Apart {
  key = '';
  private readonly processes = new Map<ServiceName, ChildProcess>();
  /** Everything that the services printed. */
  readonly output: string[] = [];
  gatewayUrl = '';

  private constructor(
    readonly database: TestDatabase,
    readonly broker: TestVirtualHost,
    private readonly extra: Readonly<Record<string, string>>,
  ) {}

  /** @param extra variables for every service */
  static async start(
    extra: Readonly<Record<string, string>> = {},
    services: readonly ServiceName[] = ['gateway', 'router', 'agents/dash'],
  ): Promise<Apart> {
    const database = await testDatabase(migrateUp);
    const apart = new Apart(database, await TestVirtualHost.make(), extra);
    apart.key = await apart.tenant('acme');
    await Promise.all(services.map((name) => apart.run(name)));
    return apart;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.processes.keys()].map((name) => this.end(name, 'SIGTERM')));
    await this.broker.drop();
    await this.database.drop();
  }

  /** Starts a service and resolves when it listens. */
  async run(name: ServiceName): Promise<void> {
    const child = spawn('node', [`apps/${name}/dist/main.js`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}`,
        // As of `npm start`: many processes of the same modules.
        NODE_COMPILE_CACHE: `${root}.pulser/compile-cache`,
        ...this.variables(name),
      },
    });
    this.processes.set(name, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => this.output.push(chunk.toString()));
    }
    const url = await listening(child);
    if (name === 'gateway') this.gatewayUrl = url;
  }

  async end(name: ServiceName, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.processes.get(name);
    if (child === undefined) throw new Error(`${name} does not run`);
    this.processes.delete(name);
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exit) as [number | null];
    return code;
  }

  /** Freezes a service, or lets it go on. */
  signal(name: ServiceName, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.processes.get(name)?.kill(signal);
  }

  /** The broker lets a service in no more: it lives, and hears nothing. */
  deafen(name: ServiceName): Promise<void> {
    return this.broker.shutOut(userOf(name));
  }

  async call<T = Record<string, unknown>>(
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<T> {
    const response = await fetch(this.gatewayUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  /** Makes a tenant. @returns a key of it */
  async tenant(name: string): Promise<string> {
    const key = newApiKey();
    const database = new Database({
      settings: { DATABASE_URL: this.database.url('pulser_service'), DATABASE_POOL_MAX: 1, DATABASE_PREPARE: true },
      applicationName: 'apart-test',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    await new ApiKeys(database).create(await new Tenants(database).ensure(name), 'test', key);
    await database.close();
    return key;
  }

  private variables(name: ServiceName): Record<string, string> {
    return {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: this.database.url(name === 'gateway' ? 'pulser_app' : 'pulser_service'),
      AMQP_URL: this.broker.urlOf(userOf(name)),
      ...this.extra,
    };
  }
}

const listening = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error('The output of the service is not read');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (msg !== 'listening' || url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error('The service ended before it listened');
};
