import { isDeepStrictEqual } from 'node:util';

import type { DeadLetterStory, TaskEntity } from '@pulser/context-bus';
import { fieldProblems, HttpError, type ReplayEdit, type ReplayEdits, SubmitTask } from '@pulser/contracts';

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
