// Dead letters as the API shows them: their views, reading and discarding them.
import { Injectable } from '@nestjs/common';
import {
  type DeadLetterCause,
  DeadLetterCauses,
  type DeadLetterCriteria,
  DeadLetterDiscards,
  DeadLetterReads,
  type DeadLetterRow,
  type DeadLetterStory,
  type ReplayRow,
} from '@pulser/context-bus';
import {
  type DeadLetterGroup,
  type DeadLetterGroupQuery,
  type DeadLetterGroups,
  type DeadLetterPage,
  type DeadLetterQuery,
  type DeadLetterSummary,
  type DeadLetterView,
  type Discarded,
  type DiscardMany,
  HttpError,
  type RawMessageView,
  type ReplayView,
} from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { deadLetterPath, nextCursor, notFound, startOfPage, taskLinks, taskPath } from '../rest/parameters.js';

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

/** Reads and discards a tenant's dead letters. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly reads: DeadLetterReads,
    private readonly causes: DeadLetterCauses,
    private readonly discards: DeadLetterDiscards,
  ) {}

  /** @throws HttpError `not_found` */
  async find(tenantId: string, deadLetterId: string): Promise<DeadLetterStory> {
    const deadLetter = await this.reads.find(tenantId, deadLetterId);
    if (deadLetter === undefined) throw notFound('dead letter');
    return deadLetter;
  }

  /** @throws HttpError `not_found`, or `conflict` when it was replayed or discarded */
  async findOpen(tenantId: string, deadLetterId: string): Promise<DeadLetterStory> {
    const deadLetter = await this.find(tenantId, deadLetterId);
    const { state, replays } = deadLetter;
    if (state === 'open') return deadLetter;
    const extensions = { state, task_id: replays[0]?.taskId ?? null };
    throw new HttpError('conflict', { detail: 'The dead letter is not open', extensions });
  }

  /** @throws HttpError `invalid_request` for a cursor that this API did not make */
  async page(tenantId: string, { limit, cursor, ...query }: DeadLetterQuery): Promise<DeadLetterPage> {
    const criteria = { ...criteriaOf(query), cursor: startOfPage(cursor) };
    const deadLetters = await this.reads.list(tenantId, criteria, limit);
    return {
      dead_letters: deadLetters.map(deadLetterSummary),
      next_cursor: nextCursor(deadLetters, limit, ({ deadLetterId }) => deadLetterId),
    };
  }

  async groups(tenantId: string, { limit, ...query }: DeadLetterGroupQuery): Promise<DeadLetterGroups> {
    return { groups: (await this.causes.list(tenantId, criteriaOf(query), limit)).map(deadLetterGroup) };
  }

  /** @throws HttpError `not_found`, or `conflict` when it is not open */
  async discard({ tenantId, actor }: RequestCaller, deadLetterId: string, reason: string): Promise<DeadLetterSummary> {
    const discarded = await this.discards.discard(tenantId, deadLetterId, { reason, actor });
    return deadLetterSummary(discarded ?? (await this.findOpen(tenantId, deadLetterId)));
  }

  /** Leaves one that is open as it is. @throws HttpError `not_found`, or `conflict` when it was replayed */
  async reopen({ tenantId, actor }: RequestCaller, deadLetterId: string): Promise<DeadLetterSummary> {
    const reopened = await this.discards.reopen(tenantId, deadLetterId, actor);
    return deadLetterSummary(reopened ?? (await this.findOpen(tenantId, deadLetterId)));
  }

  discardMany({ tenantId, actor }: RequestCaller, { filter, reason, limit }: DiscardMany): Promise<Discarded> {
    return this.discards.discardMany(tenantId, filter, { reason, actor, limit });
  }
}

const criteriaOf = ({ state, ...filter }: Omit<DeadLetterGroupQuery, 'limit'>): DeadLetterCriteria => ({
  ...filter,
  state: state === 'all' ? undefined : state,
});
