// A coordinator as built, with a database and a namespace of its own; and the pass-through of the SDK beside it.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { systemActor, TenantKeys } from '@pulser/context-bus';
import { dropNamespace, makeMigratedDatabase, type MigratedDatabase, Service, workspaceRoot } from '@pulser/harness';
import { z } from 'zod';

import type { Machine } from '../load/contestant.js';
import { type McpTarget, toolNames } from './requests.js';

/** Servers that answer what they get. */
export const echoServers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] as const;

const echoProgram = join(workspaceRoot, 'apps/bench/dist/mcp/echo-server.js');
const echoConfiguration = Object.fromEntries(
  echoServers.map((name) => [
    name,
    { command: process.execPath, args: [echoProgram], pulser: { flags: { echo: 'read' }, protocol: '2025-11-25' } },
  ]),
);

const patienceMs = 60_000;

const until = async (isSo: () => Promise<boolean> | boolean, what: string): Promise<void> => {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (await isSo()) return;
    await wait(20);
  }
  throw new Error(`not in time: ${what}`);
};

/** An installation for one tenant, on which coordinators are started one after the other. */
export class McpInstallation {
  private starts = 0;

  private constructor(
    private readonly machine: Machine,
    private readonly store: MigratedDatabase,
    private readonly namespace: string,
    /** Of a tenant, for every tool. */
    readonly key: string,
  ) {}

  static async make(machine: Machine): Promise<McpInstallation> {
    const store = await makeMigratedDatabase({ serverUrl: machine.databaseUrl, prefix: 'bench_mcp', tenants: ['one'] });
    const grant = { name: 'bench', role: 'operator', allowedTaskTypes: null, expiresInS: null, tools: ['*'] } as const;
    const { key } = await new TenantKeys(store.database).create(
      store.tenants[0]?.id ?? '',
      systemActor('bench'),
      grant,
    );
    return new McpInstallation(machine, store, `bench-${randomBytes(4).toString('hex')}`, key);
  }

  /** A login of PostgreSQL that row-level security binds. */
  get databaseUrl(): string {
    return this.urlOf('pulser_service');
  }

  /** The login of tools. */
  get toolDatabaseUrl(): string {
    return this.urlOf('pulser_mcp');
  }

  private urlOf(login: string): string {
    const url = new URL(this.store.url);
    url.username = login;
    return url.href;
  }

  /** Resolves when it lists so many tools of servers. @param variables beyond those that each needs */
  async start(tools: number, variables: Readonly<Record<string, string>>): Promise<McpRunning> {
    const name = `coordinator-${(this.starts += 1)}`;
    const [timesFile, file] = ['times', 'mcp'].map((kind) => join(this.machine.folder, `${name}-${kind}.json`)) as [
      string,
      string,
    ];
    writeFileSync(
      file,
      JSON.stringify({ mcpServers: variables['MCP_SERVERS_MODE'] === 'off' ? echoConfiguration : {} }),
    );
    const began = performance.now();
    const service = await Service.start({
      name,
      main: 'apps/mcp-coordinator/dist/main.js',
      preloads: ['./apps/bench/dist/mcp/own-time.preload.js'],
      folder: this.machine.folder,
      variables: {
        DATABASE_URL: this.databaseUrl,
        AMQP_URL: this.machine.amqpUrl,
        AMQP_NAMESPACE: this.namespace,
        MCP_CONFIG_FILE: file,
        OWN_TIMES_FILE: timesFile,
        PATH: process.env['PATH'] ?? '',
        ...variables,
      },
    });
    const running = new McpRunning(service, this.key, timesFile);
    await until(async () => (await toolNames(running.target)).length === tools, `${tools} tools of ${name}`);
    running.listedMs = performance.now() - began;
    return running;
  }

  async close(): Promise<void> {
    await dropNamespace(this.machine.amqpUrl, this.namespace);
    await this.store.drop();
  }
}

const Times = z.array(z.number());

export class McpRunning {
  /** From the start of the process until all tools were listed. */
  listedMs = 0;

  constructor(
    private readonly service: Service,
    private readonly key: string,
    private readonly timesFile: string,
  ) {}

  get pid(): number {
    return this.service.pid;
  }

  get target(): McpTarget {
    return { url: `${this.service.url}/mcp`, key: this.key };
  }

  /** How long each call since the last question was in the coordinator and not with its server, in microseconds. */
  async ownTimes(): Promise<readonly number[]> {
    rmSync(this.timesFile, { force: true });
    process.kill(this.pid, 'SIGUSR2');
    await until(() => existsSync(this.timesFile), 'times of calls');
    return Times.parse(JSON.parse(readFileSync(this.timesFile, 'utf8')));
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}
