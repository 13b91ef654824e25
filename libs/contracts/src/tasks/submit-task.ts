import { z } from 'zod';

import { TaskType } from '../agents/task-type.js';
import { jsonLimits, jsonProblem } from '../json/json-limits.policy.js';
import { Instant } from './instant.js';
import { Priority } from './priority.js';

const limitsText = `at most ${jsonLimits.maxDepth} levels and ${jsonLimits.maxKeys} keys; no NUL, no __proto__ key`;

// Looked at before it is parsed: parsing drops a `__proto__` key silently.
const Bounded = z.unknown().superRefine((value, context) => {
  const problem = jsonProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `${problem} (${limitsText})` });
});

/** A JSON object within {@link jsonLimits}. */
const boundedObject = (description: string) =>
  Bounded.meta({ type: 'object', additionalProperties: true, description }).pipe(z.record(z.string(), z.unknown()));

const aYearS = 365 * 24 * 3_600;

/** What anybody who wants work done sends, over REST or as an AMQP message. */
export const SubmitTask = z
  .strictObject({
    task_type: TaskType,
    priority: Priority.default('medium'),
    payload: boundedObject('Input of the agent: an `operation` and its arguments'),
    run_at: Instant.optional().meta({ description: 'Not before this time (RFC 3339)' }),
    deadline_s: z
      .int()
      .min(1)
      .max(aYearS)
      .optional()
      .meta({ description: 'Seconds from acceptance (or from run_at) after which the task fails if it has not ended' }),
    metadata: boundedObject('Kept with the task, never read by Pulser').optional(),
  })
  .meta({ id: 'SubmitTask' });
export type SubmitTask = z.infer<typeof SubmitTask>;

export const maxBatch = 1_000;

/** Items are checked one by one, so that one bad item does not refuse the others. */
export const SubmitBatch = z
  .strictObject({ tasks: z.array(z.unknown()).min(1).max(maxBatch) })
  .meta({ id: 'SubmitBatch' });
export type SubmitBatch = z.infer<typeof SubmitBatch>;
