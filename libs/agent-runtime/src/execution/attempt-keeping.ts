import { Injectable } from '@nestjs/common';
import { Artifacts, TaskEffects, TaskEvents } from '@pulser/context-bus';

import { AgentEnv } from '../agent/agent.env.js';
import { FactsPublisher } from '../facts/facts.publisher.js';

@Injectable()
export class AttemptStores {
  constructor(
    readonly events: TaskEvents,
    readonly artifacts: Artifacts,
    readonly effects: TaskEffects,
  ) {}
}

/** Where an attempt keeps its lines, files and effects, and how much of them. */
@Injectable()
export class AttemptKeeping {
  constructor(
    readonly stores: AttemptStores,
    readonly facts: FactsPublisher,
    readonly limits: AgentEnv,
  ) {}
}
