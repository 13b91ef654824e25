import { z } from 'zod';

import { TaskFailure } from '../errors/task-failure.js';
import { TaskStatus } from '../tasks/task-status.js';
import { DeadLetterState } from './dead-letter-query.js';
import { TaskLinks } from './task-view.js';

const Instant = z.iso.datetime();
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
    error: TaskFailure.nullable(),
    fingerprint: z.string(),
    created_at: Instant,
    settled_at: Instant.nullable(),
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
    started_at: Instant,
    ended_at: Instant.nullable(),
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
    replayed_at: Instant,
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
    first_at: Instant,
    last_at: Instant,
    agents: z.array(z.string()),
    task_types: z.array(z.string()),
    sample: z.string().nullable().meta({ description: 'Message of the newest one' }),
  })
  .meta({ id: 'DeadLetterGroup' });
export type DeadLetterGroup = z.infer<typeof DeadLetterGroup>;

export const DeadLetterGroups = z.object({ groups: z.array(DeadLetterGroup) }).meta({ id: 'DeadLetterGroups' });
export type DeadLetterGroups = z.infer<typeof DeadLetterGroups>;
