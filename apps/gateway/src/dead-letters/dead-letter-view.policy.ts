import type { DeadLetterCause, DeadLetterRow, DeadLetterStory, ReplayRow } from '@pulser/context-bus';
import type { DeadLetterGroup, DeadLetterSummary, DeadLetterView, RawMessageView, ReplayView } from '@pulser/contracts';

import { taskLinks, taskPath } from '../tasks/task-links.policy.js';

/** A dead letter as lists show it. */
export const deadLetterSummary = (letter: DeadLetterRow): DeadLetterSummary => ({
  dead_letter_id: letter.deadLetterId,
  state: letter.state,
  task_id: letter.taskId,
  task_type: letter.taskType,
  agent: letter.agent,
  reason: letter.reason,
  error: letter.error,
  fingerprint: letter.fingerprint,
  created_at: letter.createdAt.toISOString(),
  settled_at: letter.settledAt?.toISOString() ?? null,
  settled_by: letter.settledBy,
  discard_reason: letter.discardReason,
  links: {
    self: `/api/v1/dead-letters/${letter.deadLetterId}`,
    task: letter.taskId === null ? null : taskPath(letter.taskId),
  },
});

const replayView = ({ taskId, status, replayedAt, replayedBy, edits }: ReplayRow): ReplayView => ({
  task_id: taskId,
  status,
  replayed_at: replayedAt.toISOString(),
  replayed_by: replayedBy,
  edits,
  links: taskLinks(taskId),
});

// Not a replacement character in it: what is shown as text is the very body.
const utf8 = (body: Buffer): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
};

const messageView = ({ body, ...letter }: DeadLetterStory): RawMessageView | null =>
  body === null
    ? null
    : {
        message_id: letter.messageId,
        source_queue: letter.sourceQueue,
        routing_key: letter.routingKey,
        reason: letter.reason,
        detail: letter.error?.message ?? null,
        headers: letter.headers ?? {},
        body_base64: body.toString('base64'),
        body_text: utf8(body),
      };

/** The whole dead letter. */
export const deadLetterView = (letter: DeadLetterStory): DeadLetterView => ({
  ...deadLetterSummary(letter),
  payload: letter.task?.payload ?? null,
  attempts: [...letter.attempts],
  replays: letter.replays.map(replayView),
  message: messageView(letter),
});

export const deadLetterGroup = (cause: DeadLetterCause): DeadLetterGroup => ({
  fingerprint: cause.fingerprint,
  reason: cause.reason,
  count: cause.count,
  first_at: cause.firstAt.toISOString(),
  last_at: cause.lastAt.toISOString(),
  agents: [...cause.agents],
  task_types: [...cause.taskTypes],
  sample: cause.sample,
});
