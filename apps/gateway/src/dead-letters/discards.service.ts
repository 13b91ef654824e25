import { Injectable } from '@nestjs/common';
import { DeadLetterDiscards } from '@pulser/context-bus';
import type { DeadLetterSummary, Discarded, DiscardMany } from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { deadLetterSummary } from './dead-letter-view.policy.js';
import { DeadLetters } from './dead-letters.service.js';

/** Gives letters up. */
@Injectable()
export class Discards {
  constructor(
    private readonly letters: DeadLetters,
    private readonly discards: DeadLetterDiscards,
  ) {}

  /** @throws HttpError `not_found`, or `conflict` when the letter is not open */
  async discard({ tenantId, actor }: RequestCaller, letterId: string, reason: string): Promise<DeadLetterSummary> {
    const letter = await this.discards.discard(tenantId, letterId, { reason, actor });
    return deadLetterSummary(letter ?? (await this.letters.findOpen(tenantId, letterId)));
  }

  discardMany({ tenantId, actor }: RequestCaller, { filter, reason, limit }: DiscardMany): Promise<Discarded> {
    return this.discards.discardMany(tenantId, filter, { reason, actor, limit });
  }
}
