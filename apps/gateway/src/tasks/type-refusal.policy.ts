import { type Principal, submissionRefusal } from '@pulser/context-bus';
import { HttpError, type TaskType } from '@pulser/contracts';

/** @returns undefined when the caller may submit tasks of the type */
export const typeRefusal = (caller: Principal, type: TaskType): HttpError | undefined =>
  submissionRefusal(caller, type) === undefined
    ? undefined
    : new HttpError('forbidden', {
        detail: `This key may not submit tasks of the type ${type}`,
        extensions: { allowed_task_types: caller.allowedTaskTypes },
      });
