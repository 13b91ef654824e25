import { z } from 'zod';

import { RoleName } from '../roles.js';
import { maxTaskTypes, TaskType } from '../agents.js';
import { storableText } from '../json.js';
import { maxToolPatterns, ToolPattern } from './mcp.js';

export const KeyState = z.enum(['active', 'expired', 'revoked']);
export type KeyState = z.infer<typeof KeyState>;

const AllowedTaskTypes = z.array(TaskType).meta({ description: 'What tasks the key may submit' });

const Tools = z.array(ToolPattern).meta({ description: 'Which tools of MCP servers the key may call' });

/** An API key as it is shown: never the key itself, nor its hash. */
export const KeyView = z
  .object({
    key_id: z.uuid(),
    name: z.string(),
    prefix: z.string().meta({ description: 'First characters of the key' }),
    role: RoleName,
    allowed_task_types: AllowedTaskTypes.nullable().meta({ description: 'Null: of every type' }),
    tools: Tools.nullable().meta({ description: 'Null: those that only read' }),
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
  key: z.string().meta({ description: 'The key itself: shown this once; Pulser keeps only its hash' }),
}).meta({ id: 'NewKey' });
export type NewKey = z.infer<typeof NewKey>;

const dayS = 86_400;

const isSet = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

export const CreateKey = z
  .strictObject({
    name: storableText(100).meta({ description: 'By which people know the key' }),
    role: RoleName,
    allowed_task_types: z
      .array(TaskType)
      .min(1)
      .max(maxTaskTypes)
      .refine(isSet, 'Each type once')
      .optional()
      .meta({ description: 'What tasks the key may submit; every type when it is left out' }),
    tools: z
      .array(ToolPattern)
      .max(maxToolPatterns)
      .refine(isSet, 'Each pattern once')
      .optional()
      .meta({ description: 'Which tools of MCP servers the key may call; those that only read when it is left out' }),
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

/** The caller of a request, as Pulser knows it. */
export const CallerView = z
  .object({
    tenant: z.string().nullable().meta({ description: 'Null for a key of the installation' }),
    tenant_id: z.uuid().nullable().meta({ description: 'Null for a key of the installation' }),
    name: z.string().meta({ description: 'Name of the key, or the `sub` of the token' }),
    key_id: z.uuid().nullable().meta({ description: 'Null for a person of the identity provider' }),
    session_id: z.uuid().nullable().meta({ description: 'Null for a key or a token in the header Authorization' }),
    role: RoleName,
    allowed_task_types: z.array(TaskType).nullable().meta({ description: 'Null: tasks of every type' }),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Caller' });
export type CallerView = z.infer<typeof CallerView>;
