// Replays of dead letters: what becomes an order again, one by one or many at once.
import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';
import {
  BulkReplays,
  DeadLetterSettled,
  type DeadLetterStory,
  settlingReplays,
  type TaskEntity,
} from '@pulser/context-bus';
import {
  fieldProblems,
  HttpError,
  type Replayed,
  type ReplayEdit,
  type ReplayEdits,
  type ReplayMany,
  SubmitTask,
} from '@pulser/contracts';
import { Tracer } from '@pulser/service-kit';

import type { RequestCaller } from '../access/caller.js';
import { type Submission, Submissions, TaskMetrics } from '../tasks/submissions.service.js';
import { DeadLetters } from './dead-letters.service.js';

/** A dead letter as it is submitted again. */
export interface ReplayOrder {
  readonly task: SubmitTask;
  readonly edits: ReplayEdits;
  /** Of a message: its id, so that all messages with this id become one task. */
  readonly idempotencyKey: string | undefined;
}

type Members = Readonly<Record<string, unknown>>;

// A deadline is given as a span: the new task gets as long as the old one had.
const deadlineOf = ({ deadlineAt, runAt, createdAt }: TaskEntity): Members => {
  if (deadlineAt === null) return {};
  const from = Math.max(createdAt.getTime(), runAt?.getTime() ?? 0);
  return { deadline_s: Math.max(1, Math.round((deadlineAt.getTime() - from) / 1_000)) };
};

const ofTask = (task: TaskEntity): Members => ({
  task_type: task.taskType,
  priority: task.priority,
  payload: task.payload,
  ...(task.metadata !== null && { metadata: task.metadata }),
  ...(task.notify !== null && { notify: task.notify }),
  ...deadlineOf(task),
});

const ofMessage = (body: Buffer): Members => {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
  } catch {
    // A body that is no JSON needs a whole task as its edit.
    return {};
  }
};

const originalOf = ({ task, body }: DeadLetterStory): Members => {
  if (task !== null) return ofTask(task);
  return body === null ? {} : ofMessage(body);
};

const editsOf = (original: Members, edit: ReplayEdit): ReplayEdits =>
  Object.fromEntries(
    Object.entries(edit)
      .filter(([name, after]) => after !== undefined && !isDeepStrictEqual(original[name], after))
      .map(([name, after]) => [name, { before: original[name] ?? null, after }]),
  );

// With its own id, a message that was refused because the id had been used would be refused again.
const keyOf = ({ messageId, reason }: DeadLetterStory, edits: ReplayEdits): string | undefined =>
  messageId === null || reason === 'idempotency_conflict' || Object.keys(edits).length > 0 ? undefined : messageId;

/** @throws HttpError `invalid_request` when the dead letter with these changes is not a valid task */
export const replayOrder = (deadLetter: DeadLetterStory, edit: ReplayEdit): ReplayOrder => {
  const original = originalOf(deadLetter);
  const edits = editsOf(original, edit);
  const after = Object.entries(edits).map(([name, change]) => [name, change.after]);
  const parsed = SubmitTask.safeParse({ ...original, ...Object.fromEntries(after) });
  if (!parsed.success) throw new HttpError('invalid_request', { errors: fieldProblems(parsed.error) });
  return { task: parsed.data, edits, idempotencyKey: keyOf(deadLetter, edits) };
};

/** Submits one dead letter again, as it was or edited. */
@Injectable()
export class Replays {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly submissions: Submissions,
  ) {}

  /**
   * An accepted task is committed together with the state of the dead letter.
   * @throws HttpError `not_found`; `conflict` when the dead letter is not open; `invalid_request` for a wrong edit; what
   * any submission may be refused for
   */
  async replay(caller: RequestCaller, deadLetterId: string, edit: ReplayEdit): Promise<Submission> {
    const { tenantId, actor } = caller;
    const deadLetter = await this.deadLetters.findOpen(tenantId, deadLetterId);
    const { task, edits, idempotencyKey } = replayOrder(deadLetter, edit);
    const order = { submit: task, idempotencyKey, replayOf: deadLetter.taskId ?? undefined };
    try {
      return await this.submissions.submit(caller, order, settlingReplays([{ deadLetterId, edits }], actor));
    } catch (error) {
      // Another request was faster: this throws the conflict, with the state of the dead letter.
      if (error instanceof DeadLetterSettled) await this.deadLetters.findOpen(tenantId, deadLetterId);
      throw error;
    }
  }
}

/** Submits many failed tasks again, as they were. */
@Injectable()
export class ManyReplays {
  constructor(
    private readonly bulk: BulkReplays,
    private readonly tracer: Tracer,
    private readonly metrics: TaskMetrics,
  ) {}

  /** Only tasks of types that are served and that the caller may submit; the others are counted as skipped. */
  async replay(caller: RequestCaller, { filter, rate_per_s, limit }: ReplayMany): Promise<Replayed> {
    const order = { filter, limit, ratePerS: rate_per_s, actor: caller.actor, traceparent: this.tracer.current() };
    const { replayed, ...left } = await this.bulk.replay(caller, order);
    for (const [type, tasks] of replayed) this.metrics.submitted(type, 'created', tasks);
    return { replayed: [...replayed.values()].reduce((sum, tasks) => sum + tasks, 0), ...left };
  }
}
