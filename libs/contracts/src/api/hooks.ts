// Hooks: tasks that are submitted when something happens, outside (a signed request) or here (a task failed, a dataset has a
// new version).
import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { datasetName } from '../data-references.js';
import { isForbiddenName, plainText } from '../json.js';
import { boundedObject, boundedValue } from '../tasks.js';
import { ScheduledTask } from './schedules.js';
import { SecretName } from './secrets.js';

const nameText = 'A small letter, then small letters, digits and hyphens, 63 at most';

export const HookName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, nameText)
  .meta({ description: nameText, examples: ['deploys'] });
export type HookName = z.infer<typeof HookName>;

/** Where a hook is called: its name, and 128 random bits. */
export const hookAddress = /^[a-z][a-z0-9-]{0,62}\.[\w-]{22}$/;

/** Bytes of the body of a call. */
export const maxHookBytes = 262_144;
/** Seconds by which the timestamp of a call may differ from now. */
export const maxHookAgeS = 300;
/** Hooks of one tenant. */
export const maxHooks = 200;
/** How often a hook may stand in the chain of hooks that a task came by, before it is not fired again. */
export const maxHookDepth = 3;

export const hookSources = ['request', 'task.failed', 'dataset.version'] as const;
export type HookSource = (typeof hookSources)[number];

export const HookCause = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('request'),
      secret: SecretName.meta({ description: 'Name of the secret with which calls are signed' }),
    })
    .meta({ description: 'A signed request to its address', example: { kind: 'request', secret: 'deploys' } }),
  z
    .strictObject({
      kind: z.literal('task.failed'),
      agent: AgentName.optional(),
      task_type: TaskType.optional(),
      operation: plainText(200).min(1).optional(),
      code: plainText(100).min(1).optional().meta({ description: 'Code of the error' }),
    })
    .meta({ description: 'A task that failed for good, and fits all that is given' }),
  z
    .strictObject({
      kind: z.literal('dataset.version'),
      dataset: z.string().regex(datasetName, 'The name of a dataset').optional(),
    })
    .meta({ description: 'A new version of a dataset, or of any' }),
]);
export type HookCause = z.infer<typeof HookCause>;

const pointerText = 'A JSON Pointer (RFC 6901)';

const segmentsAreSafe = (pointer: string): boolean =>
  !pointer.split('/').some((part) => isForbiddenName(part) || part === 'constructor' || part === 'prototype');

const Pointer = plainText(500).regex(/^(?:\/(?:[^~/]|~[01])*)*$/, pointerText);

export const HookMapping = z
  .strictObject({
    from: Pointer.meta({ description: `${pointerText} into the body; empty: all of it` }),
    to: Pointer.min(1)
      .refine(segmentsAreSafe, 'A name could pollute prototypes')
      .meta({ description: `${pointerText} into the payload; objects on the way are made` }),
    default: boundedValue('Where the body has nothing there. Without one such a body is refused').optional(),
  })
  .meta({ id: 'HookMapping', example: { from: '/repository/name', to: '/inputs/repository' } });
export type HookMapping = z.infer<typeof HookMapping>;

export const HookOrder = z
  .strictObject({
    description: plainText(500).optional(),
    on: HookCause,
    task: ScheduledTask.meta({ description: 'What is submitted: a task, or a run of a workflow' }),
    map: z
      .array(HookMapping)
      .max(50)
      .default([])
      .meta({ description: 'What of the body is put where in the payload of the task' }),
    enabled: z.boolean().default(true),
  })
  .meta({
    id: 'HookOrder',
    example: {
      on: { kind: 'dataset.version', dataset: 'sales' },
      task: { task_type: 'analytics', payload: { operation: 'query' } },
      map: [{ from: '/data/reference', to: '/dataset' }],
    },
  });
export type HookOrder = z.infer<typeof HookOrder>;

export const hookRefusals = [
  'rights',
  'secret',
  'body',
  'loop',
  'queue_full',
  'daily_quota_spent',
  'invalid_payload',
  'task_type_not_served',
  'unknown_destination',
  'error',
] as const;
export const HookRefusalReason = z.enum(hookRefusals).meta({
  description:
    'Its author may not submit the task any more; there is no such secret; the body has nothing where the mapping reads; the ' +
    'hook was fired by tasks of its own three times in a row; the submission was refused; or it failed on our side',
});
export type HookRefusalReason = z.infer<typeof HookRefusalReason>;

const Time = z.iso.datetime();

export const HookView = z
  .object({
    name: HookName,
    revision: z.int().meta({ description: 'Counts the changes' }),
    ...HookOrder.shape,
    description: z.string().nullable(),
    path: z.string().nullable().meta({
      description: 'Where signed requests go; null for any other cause. It stays when the hook is changed',
    }),
    author: z
      .string()
      .meta({ description: 'Who wrote it last: id of an API key, or subject of a token. Its rights count' }),
    created_at: Time,
    changed_at: Time,
    last: z
      .object({ at: Time, task_id: z.uuid() })
      .nullable()
      .meta({ description: 'The last task of it; noted once a second at most' }),
    refused: z
      .object({ at: Time, reason: HookRefusalReason, detail: z.string().nullable() })
      .nullable()
      .meta({ description: 'Why it did not become a task, the last time that it did not' }),
  })
  .meta({ id: 'Hook' });
export type HookView = z.infer<typeof HookView>;

export const HookList = z.object({ hooks: z.array(HookView) }).meta({ id: 'HookList' });
export type HookList = z.infer<typeof HookList>;

const maxPage = 200;

export const FiringQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
});
export type FiringQuery = z.infer<typeof FiringQuery>;

export const FiringView = z
  .object({
    at: Time,
    task_id: z.uuid().nullable().meta({ description: 'The task that was submitted; null: there is none' }),
    reason: HookRefusalReason.nullable().meta({ description: 'Why there is none' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'HookFiring' });
export type FiringView = z.infer<typeof FiringView>;

export const FiringPage = z
  .object({
    firings: z.array(FiringView),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'HookFiringPage' });
export type FiringPage = z.infer<typeof FiringPage>;

export const HookBody = boundedObject('What happened, by the sender');
export type HookBody = z.infer<typeof HookBody>;

export const AcceptedHook = z
  .object({
    task_id: z.uuid(),
    repeated: z
      .boolean()
      .meta({ description: 'Whether the delivery came before, or another task of the unique key stands for it' }),
  })
  .meta({ id: 'AcceptedHook' });
export type AcceptedHook = z.infer<typeof AcceptedHook>;
