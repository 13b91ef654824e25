import { z } from 'zod';

import { RoleName } from '../access/role.js';
import { TaskType } from '../agents/task-type.js';

export const KeyState = z.enum(['active', 'expired', 'revoked']);
export type KeyState = z.infer<typeof KeyState>;

const AllowedTaskTypes = z.array(TaskType).meta({ description: 'What tasks the key may submit' });

/** An API key as it is shown: never the key itself, nor its hash. */
export const KeyView = z
  .object({
    key_id: z.uuid(),
    name: z.string(),
    prefix: z.string().meta({ description: 'First characters of the key' }),
    role: RoleName,
    allowed_task_types: AllowedTaskTypes.nullable().meta({ description: 'Null: of every type' }),
    state: KeyState,
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable().meta({ description: 'To the minute' }),
    revoked_at: z.iso.datetime().nullable(),
    rotated_from: z.uuid().nullable().meta({ description: 'Id of the key that this one replaces' }),
  })
  .meta({ id: 'Key' });
export type KeyView = z.infer<typeof KeyView>;

export const KeyList = z.object({ keys: z.array(KeyView) }).meta({ id: 'KeyList' });
export type KeyList = z.infer<typeof KeyList>;

/** Answer to the making of a key. */
export const NewKey = KeyView.extend({
  key: z.string().meta({ description: 'The key itself: shown this once, and kept by nobody but you' }),
}).meta({ id: 'NewKey' });
export type NewKey = z.infer<typeof NewKey>;
