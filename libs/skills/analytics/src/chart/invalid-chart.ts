import { TaskError } from '@pulser/contracts';

/** A chart that these rows do not allow. */
export const invalidChart = (message: string, details: Readonly<Record<string, unknown>> = {}): TaskError =>
  new TaskError('invalid_payload', message, { details });
