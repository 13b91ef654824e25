// The client as a Nest module.
import { Module, type DynamicModule } from '@nestjs/common';

import { OutgoingClient } from '../call/outgoing-client.js';
import { type OutgoingEnv, outgoingRulesOf } from '../call/outgoing.env.js';

/** Provides OutgoingClient to every module of an app. */
@Module({})
export class OutgoingModule {
  static forRoot(env: OutgoingEnv): DynamicModule {
    const client = { provide: OutgoingClient, useValue: new OutgoingClient(outgoingRulesOf(env)) };
    return { module: OutgoingModule, global: true, providers: [client], exports: [OutgoingClient] };
  }
}
