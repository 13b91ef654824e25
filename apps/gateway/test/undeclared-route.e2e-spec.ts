import { Controller, Get, Module } from '@nestjs/common';
import { Public, startService } from '@pulser/service-kit';
import { testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';
import { migrateUp } from '@pulser/database';

import { gateway, GatewayEnv } from '../src/index.js';
import { GatewayModule } from '../src/gateway.module.js';

@Controller('api/v1/forgotten')
class ForgottenController {
  @Get()
  read(): string {
    return 'secret';
  }

  @Public()
  @Get('known')
  known(): string {
    return 'known';
  }
}

@Module({})
class Extended {}

describe('a route of which nobody said who may call it', () => {
  let database: TestDatabase;
  let broker: TestBroker;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
    broker = testBroker();
  });

  afterAll(async () => {
    await broker.drop();
    await database.drop();
  });

  it('keeps the gateway from starting, and is named', async () => {
    const env = GatewayEnv.read({
      LOG_LEVEL: 'silent',
      DATABASE_URL: database.url('pulser_app'),
      AMQP_URL: broker.url,
      AMQP_NAMESPACE: broker.namespace,
    });
    const extended = {
      ...gateway,
      module: (settings: GatewayEnv) => ({
        module: Extended,
        imports: [GatewayModule.forRoot(settings)],
        controllers: [ForgottenController],
      }),
    };
    await expect(startService(extended, { env })).rejects.toThrow(
      'Routes without @Role() or @Public(): ForgottenController.read',
    );
  });
});
