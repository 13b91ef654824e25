import { z } from 'zod';

import { RoleName } from '../access/role.js';
import { TaskType } from '../agents/task-type.js';

/** Whoever asks, as Pulser knows that one. */
export const CallerView = z
  .object({
    tenant: z.string(),
    tenant_id: z.uuid(),
    name: z.string().meta({ description: 'Name of the key, or the `sub` of the token' }),
    key_id: z.uuid().nullable().meta({ description: 'Null for a token of an identity provider' }),
    role: RoleName,
    allowed_task_types: z.array(TaskType).nullable().meta({ description: 'Null: tasks of every type' }),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Caller' });
export type CallerView = z.infer<typeof CallerView>;
