import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';
import { TaskType } from '../agents/task-type.js';
import { Instant } from '../tasks/instant.js';
import { maxPage } from './task-query.js';

export const deadLetterStates = ['open', 'replayed', 'discarded'] as const;
export const DeadLetterState = z.enum(deadLetterStates);
export type DeadLetterState = z.infer<typeof DeadLetterState>;

const filters = {
  agent: AgentName.optional(),
  task_type: TaskType.optional(),
  fingerprint: z
    .string()
    .regex(/^[\da-f]{16}$/, '16 hexadecimal digits')
    .optional()
    .meta({ description: 'Of a group: letters of one task type whose errors differ in numbers, ids and names only' }),
  reason: z
    .string()
    .regex(/^[a-z][\da-z_]{0,63}$/, 'Code of an error')
    .optional()
    .meta({ description: 'Code of the error, for instance `worker_lost`' }),
  created_after: Instant.optional(),
  created_before: Instant.optional(),
};

/** Which dead letters. An empty filter means all. */
export const DeadLetterFilter = z.strictObject(filters).meta({ id: 'DeadLetterFilter' });
export type DeadLetterFilter = z.infer<typeof DeadLetterFilter>;

const listed = {
  ...filters,
  state: z.enum([...deadLetterStates, 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
};

export const DeadLetterQuery = z.strictObject({ ...listed, cursor: z.string().max(200).optional() });
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

export const DeadLetterGroupQuery = z.strictObject(listed);
export type DeadLetterGroupQuery = z.infer<typeof DeadLetterGroupQuery>;
