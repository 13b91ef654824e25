import type { Random } from '@pulser/harness';

import type { Expectation, Order, OrderBody } from './order.js';

interface Recipe {
  readonly share: number;
  readonly expect: Expectation;
  readonly make: (random: Random) => Record<string, unknown>;
  /** Milliseconds from now to the wanted start. */
  readonly delayMs?: readonly [number, number];
  readonly deadlineS?: number;
}

/** What is submitted, and how often. */
const recipes: readonly Recipe[] = [
  { share: 62, expect: 'effect', make: () => ({ operation: 'effect' }) },
  { share: 8, expect: 'effect', make: () => ({ operation: 'effect' }), deadlineS: 3_600 },
  { share: 8, expect: 'effect', make: () => ({ operation: 'effect' }), delayMs: [500, 8_000] },
  { share: 6, expect: 'effect', make: () => ({ operation: 'flaky', failures: 1 }) },
  { share: 10, expect: 'effect', make: (random) => ({ operation: 'slow', seconds: random.between(0.1, 1.5) }) },
  { share: 1, expect: 'effect', make: (random) => ({ operation: 'block', seconds: random.between(0.02, 0.2) }) },
  { share: 3, expect: 'none', make: () => ({ operation: 'doomed' }) },
  { share: 1, expect: 'cancelled', make: () => ({ operation: 'effect' }), delayMs: [45_000, 45_000] },
  { share: 1, expect: 'either', make: () => ({ operation: 'slow', seconds: 1.5 }), deadlineS: 1 },
];

const whole = recipes.reduce((sum, { share }) => sum + share, 0);

const recipeAt = (position: number): Recipe => {
  let left = position * whole;
  for (const recipe of recipes) {
    left -= recipe.share;
    if (left < 0) return recipe;
  }
  throw new RangeError('A position lies in [0, 1)');
};

/** The next order of a load. @param now milliseconds since the epoch */
export const orderOf = (ref: string, random: Random, now: number): Order => {
  const { expect, make, delayMs, deadlineS } = recipeAt(random.next());
  const body: OrderBody = {
    task_type: 'testing',
    priority: random.pick(['low', 'medium', 'medium', 'high'] as const),
    payload: { ref, ...make(random) } as OrderBody['payload'],
    ...(delayMs !== undefined && { run_at: new Date(now + random.between(...delayMs)).toISOString() }),
    ...(deadlineS !== undefined && { deadline_s: deadlineS }),
  };
  return { ref, expect, body };
};
