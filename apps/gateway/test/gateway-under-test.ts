import { type KeyGrant, systemActor, TenantKeys, Tenants } from '@pulser/context-bus';
import { migrateUp } from '@pulser/database';
import { type SharedResources, type RunningService, startService } from '@pulser/service-kit';
import { testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

import { gateway, GatewayEnv } from '../src/index.js';
import { Client } from './client.js';
import { Worker } from './worker.js';

type Variables = Readonly<Record<string, string>>;

const variables = (database: TestDatabase, broker: TestBroker): Record<string, string> => ({
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'silent',
  DATABASE_URL: database.url('pulser_app'),
  AMQP_URL: broker.url,
  AMQP_NAMESPACE: broker.namespace,
});

export interface TenantClient {
  readonly client: Client;
  readonly tenantId: string;
  readonly keyId: string;
}

const everything: KeyGrant = { name: 'test', role: 'admin', allowedTaskTypes: null, expiresInS: null };

/** A gateway on a database of its own, two tenants, and a worker to do what they want done. */
export class GatewayUnderTest {
  private constructor(
    readonly database: TestDatabase,
    readonly broker: TestBroker,
    readonly worker: Worker,
    readonly service: RunningService,
  ) {}

  static async start(
    overrides: (database: TestDatabase) => Variables = () => ({}),
    host?: SharedResources,
  ): Promise<GatewayUnderTest> {
    const database = await testDatabase(migrateUp);
    const broker = testBroker();
    const worker = await Worker.start(database.url('pulser_service'));
    await worker.register('analytics');
    const env = GatewayEnv.read({ ...variables(database, broker), ...overrides(database) });
    return new GatewayUnderTest(
      database,
      broker,
      worker,
      await startService(gateway, { env, ...(host !== undefined && { host }) }),
    );
  }

  get url(): string {
    return this.service.url ?? '';
  }

  /** A client of the tenant, which is made when there is none; an administrator unless said otherwise. */
  async client(tenant = 'acme', grant: Partial<KeyGrant> = {}): Promise<TenantClient> {
    const tenantId = await new Tenants(this.worker.database).ensure(tenant);
    const { key, keyId } = await new TenantKeys(this.worker.database).create(tenantId, systemActor('test'), {
      ...everything,
      ...grant,
    });
    return { client: new Client(this.url, key), tenantId, keyId };
  }

  get stranger(): Client {
    return new Client(this.url, undefined);
  }

  async stop(): Promise<void> {
    await this.service.close();
    await this.worker.close();
    await this.broker.drop();
    await this.database.drop();
  }
}
