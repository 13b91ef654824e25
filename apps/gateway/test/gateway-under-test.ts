import {
  InstallationKeys,
  type InstallationGrant,
  type KeyGrant,
  newSecretsKey,
  systemActor,
  TenantKeys,
  Tenants,
} from '@pulser/context-bus';
import { migrateUp } from '@pulser/database';
import { type SharedResources, type RunningService, startService } from '@pulser/service-kit';
import { testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

import { gateway, GatewayEnv } from '../src/index.js';
import { Client } from './client.js';
import { Coordinator } from './coordinator.js';
import { Worker } from './worker.js';

export type Variables = Readonly<Record<string, string>>;

/** One for all gateways of a spec file: they share databases. */
const secretsKey = newSecretsKey();

/** The environment of a gateway on a database and a broker of the test. */
export const gatewayEnv = (database: TestDatabase, broker: TestBroker, overrides: Variables = {}): GatewayEnv =>
  GatewayEnv.read({
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url('pulser_app'),
    AMQP_URL: broker.url,
    AMQP_NAMESPACE: broker.namespace,
    SECRETS_KEY: secretsKey,
    ...overrides,
  });

export interface TenantClient {
  readonly client: Client;
  readonly tenantId: string;
  readonly keyId: string;
}

const everything: KeyGrant = { name: 'test', role: 'admin', allowedTaskTypes: null, expiresInS: null };

let scopes = 0;

/** A gateway, its database and broker, tenants, and a worker to do what they want done. */
export class GatewayUnderTest {
  private constructor(
    readonly database: TestDatabase,
    readonly broker: TestBroker,
    readonly worker: Worker,
    readonly service: RunningService,
    readonly coordinator: Coordinator,
    /** Ends the name of every tenant. */
    private readonly scope = '',
  ) {}

  /** On a database of its own. */
  static async start(
    overrides: (database: TestDatabase) => Variables = () => ({}),
    host?: SharedResources,
  ): Promise<GatewayUnderTest> {
    const database = await testDatabase(migrateUp);
    const broker = testBroker();
    const worker = await Worker.start(database.url('pulser_service'));
    await worker.register('analytics', 'data_pipeline');
    const env = gatewayEnv(database, broker, overrides(database));
    const service = await startService(gateway, { env, ...(host !== undefined && { host }) });
    return new GatewayUnderTest(database, broker, worker, service, await Coordinator.start(broker));
  }

  /** The same gateway with other tenants, also where they have the same names. */
  scoped(): GatewayUnderTest {
    scopes += 1;
    const { database, broker, worker, service, coordinator } = this;
    return new GatewayUnderTest(database, broker, worker, service, coordinator, `-${scopes}`);
  }

  /** Another gateway on the same database and broker, with other tenants; its service is the caller's to close. */
  async beside(overrides: Variables = {}): Promise<GatewayUnderTest> {
    const { database, broker, worker, coordinator, scope } = this.scoped();
    const service = await startService(gateway, { env: gatewayEnv(database, broker, overrides) });
    return new GatewayUnderTest(database, broker, worker, service, coordinator, scope);
  }

  get url(): string {
    return this.service.url ?? '';
  }

  /** A client of the tenant, which is made when there is none; an administrator unless said otherwise. */
  async client(tenant = 'acme', grant: Partial<KeyGrant> = {}): Promise<TenantClient> {
    const tenantId = await new Tenants(this.worker.database).ensure(`${tenant}${this.scope}`);
    const { key, keyId } = await new TenantKeys(this.worker.database).create(tenantId, systemActor('test'), {
      ...everything,
      ...grant,
    });
    return { client: new Client(this.url, key), tenantId, keyId };
  }

  /** A client with a key of the installation. */
  async operator(
    role: InstallationGrant['role'] = 'admin',
  ): Promise<{ readonly client: Client; readonly keyId: string }> {
    // No service may make such keys.
    const administrator = await Worker.start(this.database.url());
    try {
      const keys = new InstallationKeys(administrator.database);
      const { key, keyId } = await keys.create(systemActor('test'), { name: 'operator', role, expiresInS: null });
      return { client: new Client(this.url, key), keyId };
    } finally {
      await administrator.close();
    }
  }

  get stranger(): Client {
    return new Client(this.url, undefined);
  }

  /** With the database and everything else that `start` made. */
  async stop(): Promise<void> {
    await this.service.close();
    await this.coordinator.stop();
    await this.worker.close();
    await this.broker.drop();
    await this.database.drop();
  }
}
