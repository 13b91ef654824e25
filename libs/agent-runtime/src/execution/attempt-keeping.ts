import { Injectable } from '@nestjs/common';
import { Artifacts, TaskEffects, TaskEventLog } from '@pulser/context-bus';

import { AgentEnv } from '../agent/agent.env.js';
import { TaskEventPublisher } from '../facts/task-event.publisher.js';

@Injectable()
export class AttemptStores {
  constructor(
    readonly events: TaskEventLog,
    readonly artifacts: Artifacts,
    readonly effects: TaskEffects,
  ) {}
}

/** Where an attempt keeps its lines, files and effects, and how much of them. */
@Injectable()
export class AttemptKeeping {
  constructor(
    readonly stores: AttemptStores,
    readonly facts: TaskEventPublisher,
    readonly limits: AgentEnv,
  ) {}
}
