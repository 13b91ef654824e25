import { Controller, Get, Module } from '@nestjs/common';
import { Public, startService } from '@pulser/service-kit';

import { gateway, type GatewayEnv } from '../../src/index.js';
import { GatewayModule } from '../../src/gateway.module.js';
import { gatewayEnv } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

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
  it('keeps the gateway from starting, and is named', async () => {
    const { database, broker } = await sharedGateway();
    const env = gatewayEnv(database, broker);
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
