// A coordinator on a database and a broker of its own, and clients of both eras at its door.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type KeyGrant, systemActor, TenantKeys, Tenants } from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { type RunningService, startService } from '@pulser/service-kit';
import { eventually, testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

import { mcpCoordinator, McpCoordinatorEnv } from '../src/index.js';
import { ToolRegistry } from '../src/registry/tool-registry.js';
import { Upstreams } from '../src/upstreams/upstreams.js';

type Variables = Readonly<Record<string, string>>;

export class CoordinatorUnderTest {
  private constructor(
    readonly server: TestDatabase,
    readonly broker: TestBroker,
    readonly database: Database,
    readonly service: RunningService,
    readonly tenantId: string,
    private readonly folder: string,
  ) {}

  /** @param servers of the configuration file */
  static async start(servers: object, variables: Variables = {}): Promise<CoordinatorUnderTest> {
    const server = await testDatabase(migrateUp);
    const broker = testBroker();
    const database = await connected(server);
    const tenantId = await new Tenants(database).ensure('acme');
    const folder = mkdtempSync(join(tmpdir(), 'mcp-coordinator-'));
    writeFileSync(join(folder, 'mcp.json'), JSON.stringify({ mcpServers: servers }));
    const service = await startService(mcpCoordinator, {
      env: McpCoordinatorEnv.read(environmentOf(server, broker, folder, variables)),
    });
    return new CoordinatorUnderTest(server, broker, database, service, tenantId, folder);
  }

  get url(): string {
    return `${this.service.url ?? ''}/mcp`;
  }

  get registry(): ToolRegistry {
    return this.service.app.get(ToolRegistry);
  }

  get upstreams(): Upstreams {
    return this.service.app.get(Upstreams);
  }

  /** A new key. @param tools that it may call; undefined: those that only read */
  async key(tools?: readonly string[], role: KeyGrant['role'] = 'operator'): Promise<string> {
    const grant = { name: 'test', role, allowedTaskTypes: null, expiresInS: null, ...(tools && { tools }) };
    return (await new TenantKeys(this.database).create(this.tenantId, systemActor('test'), grant)).key;
  }

  configure(servers: object): void {
    writeFileSync(join(this.folder, 'mcp.json'), JSON.stringify({ mcpServers: servers }));
  }

  /** Resolves when these tools are offered. */
  async offers(...tools: string[]): Promise<void> {
    await eventually(() => {
      expect(this.registry.list().map(({ exposedName }) => exposedName)).toEqual(expect.arrayContaining(tools));
    });
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.database.close();
    await this.broker.drop();
    await this.server.drop();
    rmSync(this.folder, { recursive: true });
  }
}

const connected = async (server: TestDatabase): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 5, DATABASE_PREPARE: true },
    applicationName: 'mcp-coordinator-test',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  return database;
};

const environmentOf = (server: TestDatabase, broker: TestBroker, folder: string, variables: Variables) => ({
  LOG_LEVEL: 'silent',
  HOST: '127.0.0.1',
  PORT: '0',
  DATABASE_URL: server.url('pulser_service'),
  AMQP_URL: broker.url,
  AMQP_NAMESPACE: broker.namespace,
  MCP_SERVERS_MODE: 'off',
  MCP_CONFIG_FILE: join(folder, 'mcp.json'),
  ...variables,
});
