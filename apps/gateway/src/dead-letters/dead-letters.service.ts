import { Injectable } from '@nestjs/common';
import { DeadLetterCauses, DeadLetterReads, type DeadLetterStory, type DeadLetterCriteria } from '@pulser/context-bus';
import {
  type DeadLetterGroupQuery,
  type DeadLetterGroups,
  type DeadLetterPage,
  type DeadLetterQuery,
  HttpError,
} from '@pulser/contracts';

import { cursorAfter, taskIdOf } from '../tasks/cursor.policy.js';
import { deadLetterGroup, deadLetterSummary } from './dead-letter-view.policy.js';

/** Reads of a tenant's dead letters as the API shows them. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly reads: DeadLetterReads,
    private readonly causes: DeadLetterCauses,
  ) {}

  /** @throws HttpError `not_found` */
  async find(tenantId: string, letterId: string): Promise<DeadLetterStory> {
    const letter = await this.reads.find(tenantId, letterId);
    if (letter === undefined) throw new HttpError('not_found');
    return letter;
  }

  /** @throws HttpError `not_found`, or `conflict` when it was replayed or discarded */
  async findOpen(tenantId: string, letterId: string): Promise<DeadLetterStory> {
    const letter = await this.find(tenantId, letterId);
    if (letter.state === 'open') return letter;
    const extensions = { state: letter.state, task_id: letter.replays[0]?.taskId ?? null };
    throw new HttpError('conflict', { detail: 'The dead letter is not open', extensions });
  }

  /** @throws HttpError `invalid_request` for a cursor that is none of ours */
  async page(tenantId: string, { limit, ...query }: DeadLetterQuery): Promise<DeadLetterPage> {
    const letters = await this.reads.list(tenantId, { ...narrowed(query), cursor: idOf(query.cursor) }, limit);
    const last = letters.length < limit ? undefined : letters.at(-1);
    return {
      dead_letters: letters.map(deadLetterSummary),
      next_cursor: last === undefined ? null : cursorAfter(last.deadLetterId),
    };
  }

  async groups(tenantId: string, { limit, ...query }: DeadLetterGroupQuery): Promise<DeadLetterGroups> {
    return { groups: (await this.causes.list(tenantId, narrowed(query), limit)).map(deadLetterGroup) };
  }
}

const narrowed = ({ state, ...filter }: Omit<DeadLetterGroupQuery, 'limit'>): DeadLetterCriteria => ({
  ...filter,
  state: state === 'all' ? undefined : state,
});

const idOf = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const letterId = taskIdOf(cursor);
  if (letterId !== undefined) return letterId;
  const detail = 'Not a cursor of this API: send `next_cursor` as it came, or none for the first page';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/cursor', detail }] });
};
