import { Injectable } from '@nestjs/common';
import { Logger } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { HandlerThreads } from '../threads/handler-threads.js';
import type { Attempt } from './attempt.js';
import { AttemptContext, type ContextParts } from './attempt-context.js';
import { AttemptKeeping } from './attempt-keeping.js';
import { InlineHandlers } from './inline-handlers.js';
import { operationOf } from './payload.policy.js';
import type { Work } from './work.js';

const refusal = (error: unknown): Work => ({
  result: Promise.resolve().then(() => {
    throw error;
  }),
  over: () => Promise.resolve(),
});

@Injectable()
export class HandlerPlaces {
  constructor(
    readonly inline: InlineHandlers,
    readonly threads: HandlerThreads,
  ) {}
}

/** Starts the handler that a task's payload names, where it belongs. */
@Injectable()
export class Handlers {
  private readonly parts: ContextParts;

  constructor(
    private readonly profile: AgentProfile,
    private readonly places: HandlerPlaces,
    keeping: AttemptKeeping,
    logger: Logger,
  ) {
    this.parts = {
      keeping,
      onLost: (error) => {
        logger.warn({ err: error }, 'a line of a task was lost');
      },
    };
  }

  /** Its result fails with a TaskError, or with whatever the handler throws. */
  start(attempt: Attempt): Work {
    const { task_type } = attempt.dispatch;
    const context = new AttemptContext(attempt, this.parts);
    try {
      const operation = operationOf(this.profile.operationsOf(task_type), attempt.payload);
      if (operation.inline === true) return this.places.inline.start(operation, attempt, context);
      return this.places.threads.start(this.profile.moduleOf(task_type), attempt, context);
    } catch (error) {
      return refusal(error);
    }
  }
}
