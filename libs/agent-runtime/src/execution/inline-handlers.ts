import { Injectable } from '@nestjs/common';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { HandlerMeter } from '../reporting/handler-meter.js';
import type { Operation } from '../skills/skill.js';
import type { Attempt } from './attempt.js';
import type { AttemptContext } from './attempt-context.js';
import { endsWithinGrace } from './grace.js';
import { inputOf } from './payload.policy.js';
import { checkedResult } from './result.policy.js';
import type { Work } from './work.js';

const nothing = Promise.resolve();

/** Runs handlers in this thread. */
@Injectable()
export class InlineHandlers {
  constructor(
    private readonly env: AgentEnv,
    private readonly logger: Logger,
    private readonly meter: HandlerMeter,
  ) {}

  start(operation: Operation, attempt: Attempt, context: AttemptContext): Work {
    const running = this.handle(operation, attempt, context);
    return {
      result: this.finish(running, context),
      over: () => (attempt.signal.aborted ? this.wait(running, operation, attempt) : nothing),
    };
  }

  private async handle(operation: Operation, { payload }: Attempt, context: AttemptContext): Promise<unknown> {
    return operation.handle(inputOf(operation, payload), context);
  }

  private async finish(running: Promise<unknown>, context: AttemptContext): Promise<unknown> {
    const result = await running;
    await context.flushed();
    return checkedResult(result, this.env.RESULT_MAX_BYTES);
  }

  private async wait(running: Promise<unknown>, { name }: Operation, { claim, dispatch }: Attempt): Promise<void> {
    if (await endsWithinGrace(running)) return;
    this.meter.ignoredAbort(dispatch.task_type);
    this.logger.warn(
      { task_id: claim.taskId, operation: name },
      'an inline handler goes on though it was told to stop',
    );
  }
}
