import { z } from 'zod';

import { RoleName } from '../access/role.js';
import { taskTypes, TaskType } from '../agents/task-type.js';

const dayS = 86_400;

const isSet = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

export const CreateKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100).meta({ description: 'By which people know the key' }),
    role: RoleName,
    allowed_task_types: z
      .array(TaskType)
      .min(1)
      .max(taskTypes.length)
      .refine(isSet, 'Each type once')
      .optional()
      .meta({ description: 'What tasks the key may submit; every type when it is left out' }),
    expires_in_s: z
      .int()
      .min(60)
      .max(3_650 * dayS)
      .optional()
      .meta({ description: 'Seconds that the key lives; until it is revoked when it is left out' }),
  })
  .meta({ id: 'CreateKey' });
export type CreateKey = z.infer<typeof CreateKey>;

export const RotateKey = z
  .strictObject({
    overlap_s: z
      .int()
      .min(0)
      .max(30 * dayS)
      .meta({ description: 'Seconds after which the old key ends' }),
  })
  .meta({ id: 'RotateKey' });
export type RotateKey = z.infer<typeof RotateKey>;
