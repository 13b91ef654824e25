// Memories and vectors that handlers ask for. What an agent remembers is its own unless it shares it; it belongs to the
// agent that owns the task type, whichever of its back-ups runs the task.
import { Injectable } from '@nestjs/common';
import { type FoundMemory, Memories } from '@pulser/context-bus';
import { builtInOwnerOf } from '@pulser/contracts';

import { AgentProfile } from '../agent/agent-profile.js';
import {
  embeddable,
  forgettable,
  keepable,
  type MemoryCalls,
  searchable,
  withTaskErrors,
} from '../skills/memory-calls.js';
import type { MemoryHit } from '../skills/task-context.js';
import { type Attempt, LeaseLost } from './attempt.js';

export const hitOf = (found: Omit<FoundMemory, 'createdAt'> & { readonly createdAt: Date }): MemoryHit => ({
  id: found.memoryId,
  type: found.type,
  content: found.content,
  subject: found.subject,
  metadata: found.metadata,
  trust: found.trust,
  score: found.score,
  createdAt: found.createdAt.toISOString(),
});

/** What a worker does for the memory of its handlers. */
@Injectable()
export class MemoryHost {
  constructor(
    private readonly memories: Memories,
    private readonly profile: AgentProfile,
  ) {}

  /** The calls of one attempt. Its writes carry its claim, so that nothing is written once it has lost its task. */
  calls(attempt: Attempt): MemoryCalls {
    const { tenantId } = attempt;
    const agent = builtInOwnerOf(attempt.taskType) ?? this.profile.name;
    return {
      remember: (given) =>
        withTaskErrors(async () => {
          const wanted = keepable(given, agent);
          const kept = await this.memories.remember(tenantId, wanted, await attempt.claimed());
          if (kept.length < wanted.length) throw lost(attempt);
          return kept.map(({ memoryId }) => memoryId);
        }),
      searchMemory: (given) =>
        withTaskErrors(async () => {
          const { text, limit, minScore, ...filter } = searchable(given);
          const order = { limit, minScore, recencyWeight: 0, halfLifeDays: 1 };
          const { hits } = await this.memories.search(tenantId, { text, filter: { ...filter, seenBy: agent }, order });
          return hits.map(hitOf);
        }),
      forgetMemory: (given) =>
        withTaskErrors(async () =>
          this.memories.forget(tenantId, { ...forgettable(given), agent }, await attempt.claimed()),
        ),
      embed: (given) => withTaskErrors(() => this.memories.embed(embeddable(given))),
    };
  }
}

const lost = (attempt: Attempt): LeaseLost => {
  const reason = new LeaseLost();
  attempt.abort(reason);
  return reason;
};
