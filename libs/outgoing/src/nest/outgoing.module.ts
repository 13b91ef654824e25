import { Module, type DynamicModule } from '@nestjs/common';

import { OutgoingClient } from '../call/outgoing-client.js';
import type { OutgoingEnv } from './outgoing.env.js';
import { outgoingRulesOf } from './outgoing-rules-of.policy.js';

/** Gives every module of an app its OutgoingClient. */
@Module({})
export class OutgoingModule {
  static forRoot(env: OutgoingEnv): DynamicModule {
    const client = { provide: OutgoingClient, useValue: new OutgoingClient(outgoingRulesOf(env)) };
    return { module: OutgoingModule, global: true, providers: [client], exports: [OutgoingClient] };
  }
}
