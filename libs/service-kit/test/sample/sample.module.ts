import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';

import { Gate } from './gate.js';
import { SampleController } from './sample.controller.js';

const failing = (): never => {
  throw new Error('a middleware failed');
};

@Module({})
export class SampleModule implements NestModule {
  static with(gate: Gate): DynamicModule {
    return { module: SampleModule, controllers: [SampleController], providers: [{ provide: Gate, useValue: gate }] };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(failing).forRoutes('middleware');
  }
}
