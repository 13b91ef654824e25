import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { Broker } from '../broker/broker.js';

/** Connects before the app serves, disconnects after its transports and servers have stopped. */
@Injectable()
export class BrokerLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly broker: Broker) {}

  onModuleInit(): Promise<void> {
    return this.broker.connect();
  }

  onApplicationShutdown(): Promise<void> {
    return this.broker.close();
  }
}
