import { Injectable } from '@nestjs/common';
import {
  DeadLetterCauses,
  type DeadLetterCriteria,
  DeadLetterDiscards,
  DeadLetterReads,
  type DeadLetterStory,
} from '@pulser/context-bus';
import {
  type DeadLetterGroupQuery,
  type DeadLetterGroups,
  type DeadLetterPage,
  type DeadLetterQuery,
  type DeadLetterSummary,
  type Discarded,
  type DiscardMany,
  HttpError,
} from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { nextCursor, startOfPage } from '../rest/parameters.js';
import { deadLetterGroup, deadLetterSummary } from './dead-letters.views.js';

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
    if (deadLetter === undefined) throw new HttpError('not_found');
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

  discardMany({ tenantId, actor }: RequestCaller, { filter, reason, limit }: DiscardMany): Promise<Discarded> {
    return this.discards.discardMany(tenantId, filter, { reason, actor, limit });
  }
}

const criteriaOf = ({ state, ...filter }: Omit<DeadLetterGroupQuery, 'limit'>): DeadLetterCriteria => ({
  ...filter,
  state: state === 'all' ? undefined : state,
});
