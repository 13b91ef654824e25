import { z } from 'zod';

import { Problem } from '../errors/problem.js';
import { TaskStatus } from '../tasks/task-status.js';
import { TaskLinks } from './task-view.js';

/** Answer to a submission: the row is durably committed. */
export const AcceptedTask = z
  .object({ task_id: z.uuid(), status: TaskStatus, links: TaskLinks })
  .meta({ id: 'AcceptedTask' });
export type AcceptedTask = z.infer<typeof AcceptedTask>;

/** One answer an item, in the order of the items. */
export const BatchAnswer = z
  .object({
    accepted: z.int(),
    refused: z.int(),
    items: z.array(z.union([AcceptedTask, Problem])),
  })
  .meta({ id: 'BatchAnswer' });
export type BatchAnswer = z.infer<typeof BatchAnswer>;
