// Says that a task which may be a step of a run has ended, or that a run waits. Nothing depends on its arrival: the end is in
// the tables, and the workers that advance runs look there too.
import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import type { Attempt } from '../context/attempt.js';

interface EndedStep {
  readonly tenant_id: string;
  readonly task_id: string;
  readonly run_id: string;
}

@Injectable()
export class EndedSteps {
  private readonly messages: Coalescer<EndedStep, undefined>;

  constructor(
    publisher: Publisher,
    private readonly logger: Logger,
  ) {
    this.messages = new Coalescer({
      flush: async (steps) => {
        await publisher.publish('steps.ended', steps);
        return steps.map(() => undefined);
      },
      sharedFailure: () => true,
    });
  }

  /** Does nothing for a task without a parent. */
  ended({ tenantId, taskId, claim: { parentId } }: Attempt): void {
    if (parentId !== null) this.say({ tenant_id: tenantId, task_id: taskId, run_id: parentId });
  }

  /** The task waits for its steps. */
  waits({ tenantId, taskId }: Attempt): void {
    this.say({ tenant_id: tenantId, task_id: taskId, run_id: taskId });
  }

  private say(step: EndedStep): void {
    this.messages.add(step).catch((error: unknown) => {
      this.logger.debug({ err: error }, 'the end of a step was not published');
    });
  }
}
