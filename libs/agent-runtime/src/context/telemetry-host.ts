// Figures that handlers ask for: of the tenant of their task, and of no other.
import { Injectable } from '@nestjs/common';
import { TenantTelemetry } from '@pulser/context-bus';
import { HttpError, TaskError } from '@pulser/contracts';

import type { TaskContext } from '../skills/task-context.js';
import type { Attempt } from './attempt.js';

/** A range that cannot be is a fault of the task's payload: it will not be better the next time. */
const inWordsOfTasks = (thrown: unknown): unknown => {
  if (!(thrown instanceof HttpError) || thrown.code !== 'invalid_request') return thrown;
  const { errors = [] } = thrown.facts;
  const message = errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join('; ');
  return new TaskError('invalid_payload', message, { details: { errors }, cause: thrown });
};

/** What a worker does for the questions of its handlers. */
@Injectable()
export class TelemetryHost {
  constructor(private readonly telemetry: TenantTelemetry) {}

  calls({ tenantId, signal }: Attempt): Pick<TaskContext, 'telemetry'> {
    return {
      telemetry: async (question) => {
        signal.throwIfAborted();
        try {
          return await this.telemetry.answer(tenantId, question);
        } catch (thrown) {
          throw inWordsOfTasks(thrown);
        }
      },
    };
  }
}
