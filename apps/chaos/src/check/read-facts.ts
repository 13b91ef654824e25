import type { Truth } from '../load/truth.js';
import type { FactsStore } from '../rows/facts.store.js';
import type { Facts, QueueFact } from './facts.js';

/** Reads all there is to know once everything has settled. */
export const readFacts = async (store: FactsStore, truth: Truth, queues: readonly QueueFact[]): Promise<Facts> => ({
  at: Date.now(),
  accepted: truth.all.map(({ ref, expect, taskIds }) => ({ ref, expect, taskIds: [...taskIds] })),
  tasks: await store.tasks(),
  effects: await store.effects(),
  calls: await store.calls(),
  ledger: await store.ledger(),
  deadTasks: await store.deadTasks(),
  queues,
});
