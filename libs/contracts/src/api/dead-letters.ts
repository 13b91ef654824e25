import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { TaskFailure } from '../errors.js';
import { Instant } from '../instant.js';
import { plainText, storableText } from '../json.js';
import { Priority, SubmitTask, TaskStatus } from '../tasks.js';
import { exportable } from './exports.js';
import { maxPage, TaskLinks } from './tasks.js';

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
    .meta({
      description: 'Of a group: dead letters of one task type whose errors differ in numbers, ids and names only',
    }),
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

export const DeadLetterQuery = z.strictObject({
  ...listed,
  task_id: z.uuid().toLowerCase().optional().meta({ description: 'That of this failed task' }),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

export const DeadLetterGroupQuery = z.strictObject(listed);
export type DeadLetterGroupQuery = z.infer<typeof DeadLetterGroupQuery>;

const Time = z.iso.datetime();
const Json = z.record(z.string(), z.unknown());

/** A dead letter as lists show it. */
export const DeadLetterSummary = z
  .object({
    dead_letter_id: z.uuid(),
    state: DeadLetterState,
    task_id: z.uuid().nullable().meta({ description: 'The failed task; null for a message that became none' }),
    task_type: z.string().nullable(),
    agent: z.string().nullable(),
    reason: z.string(),
    error: TaskFailure.nullable().meta({ description: 'In lists without details, with a short message' }),
    fingerprint: z.string(),
    created_at: Time,
    settled_at: Time.nullable(),
    settled_by: z.string().nullable().meta({ description: 'Name of the API key that replayed or discarded it' }),
    discard_reason: z.string().nullable(),
    links: z.object({ self: z.string(), task: z.string().nullable() }),
  })
  .meta({ id: 'DeadLetterSummary' });
export type DeadLetterSummary = z.infer<typeof DeadLetterSummary>;

/** One attempt of a failed task. */
export const AttemptView = z
  .object({
    attempt: z.int(),
    started_at: Time,
    ended_at: Time.nullable(),
    duration_ms: z.number().nullable(),
    error: TaskFailure.nullable(),
  })
  .meta({ id: 'Attempt' });
export type AttemptView = z.infer<typeof AttemptView>;

/** A message that could not be tied to a task, as it came. */
export const RawMessageView = z
  .object({
    message_id: z.string().nullable(),
    source_queue: z.string().nullable(),
    routing_key: z.string().nullable(),
    reason: z.string(),
    detail: z.string().nullable(),
    headers: Json.meta({ description: 'Without keys and other secrets' }),
    body_base64: z.string(),
    body_text: z.string().nullable().meta({ description: 'The body when it is UTF-8' }),
  })
  .meta({ id: 'RawMessage' });
export type RawMessageView = z.infer<typeof RawMessageView>;

/** What was changed for a replay, by member of the task. */
export const ReplayEdits = z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }));
export type ReplayEdits = z.infer<typeof ReplayEdits>;

export const ReplayView = z
  .object({
    task_id: z.uuid(),
    status: TaskStatus.nullable().meta({ description: 'Null when the task is no longer kept' }),
    replayed_at: Time,
    replayed_by: z.string().nullable(),
    edits: ReplayEdits,
    links: TaskLinks,
  })
  .meta({ id: 'Replay' });
export type ReplayView = z.infer<typeof ReplayView>;

export const DeadLetterView = DeadLetterSummary.extend({
  payload: Json.nullable(),
  attempts: z.array(AttemptView),
  replays: z.array(ReplayView).meta({ description: 'The tasks that were made from it' }),
  message: RawMessageView.nullable(),
}).meta({ id: 'DeadLetter' });
export type DeadLetterView = z.infer<typeof DeadLetterView>;

export const DeadLetterPage = z
  .object({
    dead_letters: z.array(DeadLetterSummary),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'DeadLetterPage' });
export type DeadLetterPage = z.infer<typeof DeadLetterPage>;

export const DeadLetterGroup = z
  .object({
    fingerprint: z.string(),
    reason: z.string(),
    count: z.int(),
    first_at: Time,
    last_at: Time,
    agents: z.array(z.string()),
    task_types: z.array(z.string()),
    sample: z.string().nullable().meta({ description: 'Message of the newest one, short' }),
  })
  .meta({ id: 'DeadLetterGroup' });
export type DeadLetterGroup = z.infer<typeof DeadLetterGroup>;

export const DeadLetterGroups = z.object({ groups: z.array(DeadLetterGroup) }).meta({ id: 'DeadLetterGroups' });
export type DeadLetterGroups = z.infer<typeof DeadLetterGroups>;

/** Letters that one bulk order settles at most. */
export const maxSettled = 10_000;

const { task_type, payload, run_at, deadline_s, metadata } = SubmitTask.shape;

/** What to change for a replay; what is left out stays as it was. */
export const ReplayEdit = z
  .strictObject({
    task_type: task_type.optional(),
    priority: Priority.optional(),
    payload: payload.optional(),
    run_at,
    deadline_s,
    metadata,
  })
  .meta({ id: 'ReplayEdit' });
export type ReplayEdit = z.infer<typeof ReplayEdit>;

const limit = z.int().min(1).max(maxSettled).default(maxSettled);

export const ReplayMany = z
  .strictObject({
    filter: DeadLetterFilter,
    rate_per_s: z
      .number()
      .min(0.01)
      .max(maxSettled)
      .optional()
      .meta({ description: 'The n-th task starts n / rate seconds from now; without a rate, all may start at once' }),
    limit,
  })
  .meta({ id: 'ReplayMany' });
export type ReplayMany = z.infer<typeof ReplayMany>;

export const Replayed = z
  .object({
    replayed: z.int(),
    remaining: z.int().meta({ description: 'Open ones of the filter that the same request would take next' }),
    skipped: z.int().meta({
      description:
        'Open ones of the filter to be replayed one by one: messages without a task, types that no agent serves',
    }),
  })
  .meta({ id: 'Replayed' });
export type Replayed = z.infer<typeof Replayed>;

const reason = storableText(1_000);

export const DiscardOne = z.strictObject({ reason }).meta({ id: 'DiscardOne' });
export type DiscardOne = z.infer<typeof DiscardOne>;

export const DiscardMany = z.strictObject({ filter: DeadLetterFilter, reason, limit }).meta({ id: 'DiscardMany' });
export type DiscardMany = z.infer<typeof DiscardMany>;

export const Discarded = z.object({ discarded: z.int(), remaining: z.int() }).meta({ id: 'Discarded' });
export type Discarded = z.infer<typeof Discarded>;
