import { Agents, ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { gateway, GatewayEnv } from '@pulser/gateway';
import { router, RouterEnv } from '@pulser/router';
import { type RunningService, startService } from '@pulser/service-kit';
import { testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

// On a fast machine the corpus comes faster than one key may.
const unlimited = {
  RATE_LIMIT_KEY_PER_S: '1000000',
  RATE_LIMIT_KEY_BURST: '1000000',
  RATE_LIMIT_TENANT_PER_S: '1000000',
  RATE_LIMIT_TENANT_BURST: '1000000',
};

/** A gateway and a router on servers of their own. Nobody runs what they accept. */
export class BothDoors {
  readonly key = newApiKey();
  readonly broker: TestBroker = testBroker();
  private readonly services: RunningService[] = [];
  url = '';

  private constructor(readonly database: TestDatabase) {}

  static async start(): Promise<BothDoors> {
    const doors = new BothDoors(await testDatabase(migrateUp));
    await doors.furnish();
    const router_ = await startService(router, { env: RouterEnv.read(doors.variables('pulser_service')) });
    const env = GatewayEnv.read({ ...doors.variables('pulser_app'), ...unlimited, PORT: '0', HOST: '127.0.0.1' });
    const gateway_ = await startService(gateway, { env });
    doors.services.push(gateway_, router_);
    doors.url = gateway_.url ?? '';
    return doors;
  }

  async stop(): Promise<void> {
    for (const service of this.services) await service.close();
    await this.broker.drop();
    await this.database.drop();
  }

  private variables(role: 'pulser_app' | 'pulser_service'): Record<string, string> {
    return {
      LOG_LEVEL: 'silent',
      DATABASE_URL: this.database.url(role),
      AMQP_URL: this.broker.url,
      AMQP_NAMESPACE: this.broker.namespace,
    };
  }

  private async furnish(): Promise<void> {
    const database = new Database({
      settings: { DATABASE_URL: this.database.url('pulser_service'), DATABASE_POOL_MAX: 1, DATABASE_PREPARE: true },
      applicationName: 'fuzz-test',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    await new ApiKeys(database).create(await new Tenants(database).ensure('acme'), 'test', this.key);
    await new Agents(database).register({
      agent: 'dash',
      version: 'test',
      task_types: [{ task_type: 'analytics' }],
      operations: [],
    });
    await database.close();
  }
}
