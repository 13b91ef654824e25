import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';

import { Broker } from '../broker/broker.js';
import { Publisher } from '../broker/publisher.js';
import { BrokerLifecycle } from './broker-lifecycle.js';

/** Gives every module of an app its Broker and Publisher; the broker is connected and closed with the app. */
@Module({})
export class MessagingModule {
  /** @param broker the broker, or how to make it: `serviceBroker(...)` */
  static forRoot(broker: Broker | FactoryProvider<Broker>): DynamicModule {
    const provider = broker instanceof Broker ? { provide: Broker, useValue: broker } : broker;
    return {
      module: MessagingModule,
      global: true,
      providers: [provider, Publisher, BrokerLifecycle],
      exports: [Broker, Publisher],
    };
  }
}
