import type { DeadLetterCause, DeadLetterRow, DeadLetterStory, ReplayRow } from '@pulser/context-bus';
import type { DeadLetterGroup, DeadLetterSummary, DeadLetterView, RawMessageView, ReplayView } from '@pulser/contracts';

import { deadLetterPath, taskLinks, taskPath } from '../rest/ids.js';

/** A dead letter as lists show it. */
export const deadLetterSummary = (deadLetter: DeadLetterRow): DeadLetterSummary => ({
  dead_letter_id: deadLetter.deadLetterId,
  state: deadLetter.state,
  task_id: deadLetter.taskId,
  task_type: deadLetter.taskType,
  agent: deadLetter.agent,
  reason: deadLetter.reason,
  error: deadLetter.error,
  fingerprint: deadLetter.fingerprint,
  created_at: deadLetter.createdAt.toISOString(),
  settled_at: deadLetter.settledAt?.toISOString() ?? null,
  settled_by: deadLetter.settledBy,
  discard_reason: deadLetter.discardReason,
  links: {
    self: deadLetterPath(deadLetter.deadLetterId),
    task: deadLetter.taskId === null ? null : taskPath(deadLetter.taskId),
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

// Null instead of text with replacement characters: text that is shown is exactly the body.
const utf8 = (body: Buffer): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
};

const messageView = ({ body, ...deadLetter }: DeadLetterStory): RawMessageView | null =>
  body === null
    ? null
    : {
        message_id: deadLetter.messageId,
        source_queue: deadLetter.sourceQueue,
        routing_key: deadLetter.routingKey,
        reason: deadLetter.reason,
        detail: deadLetter.error?.message ?? null,
        headers: deadLetter.headers ?? {},
        body_base64: body.toString('base64'),
        body_text: utf8(body),
      };

/** A dead letter with its attempts or its message. */
export const deadLetterView = (deadLetter: DeadLetterStory): DeadLetterView => ({
  ...deadLetterSummary(deadLetter),
  payload: deadLetter.task?.payload ?? null,
  attempts: [...deadLetter.attempts],
  replays: deadLetter.replays.map(replayView),
  message: messageView(deadLetter),
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
