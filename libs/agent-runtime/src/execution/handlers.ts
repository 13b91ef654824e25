import { Injectable } from '@nestjs/common';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';
import type { Attempt } from './attempt.js';
import { AttemptContext, type ContextParts } from './attempt-context.js';
import { AttemptKeeping } from './attempt-keeping.js';
import { orderOf } from './payload.policy.js';
import { checkedResult } from './result.policy.js';

/** Calls the handler that a task's payload names. */
@Injectable()
export class Handlers {
  private readonly parts: ContextParts;

  constructor(
    private readonly profile: AgentProfile,
    private readonly env: AgentEnv,
    keeping: AttemptKeeping,
    logger: Logger,
  ) {
    this.parts = {
      events: keeping.events,
      artifacts: keeping.artifacts,
      facts: keeping.facts,
      artifactMaxBytes: env.ARTIFACT_MAX_BYTES,
      onLost: (error) => {
        logger.warn({ err: error }, 'a line of a task was lost');
      },
    };
  }

  /** @returns the result, checked. @throws TaskError, whatever the handler throws, or the reason of the abort */
  async run(attempt: Attempt): Promise<unknown> {
    const { operation, input } = orderOf(this.profile.operationsOf(attempt.nudge.task_type), attempt.payload);
    const context = new AttemptContext(attempt, this.parts);
    const result = await attempt.race(operation.handle(input, context));
    await context.flushed();
    return checkedResult(result, this.env.RESULT_MAX_BYTES);
  }
}
