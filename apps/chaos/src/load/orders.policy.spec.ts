import { Random } from '@pulser/harness';

import { orderOf } from './orders.js';

const orders = (seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: 3_000 }, (_, n) => orderOf(String(n), random, 0));
};

describe('the load', () => {
  it('is the same again from the same seed', () => {
    expect(orders(1)).toEqual(orders(1));
    expect(orders(1)).not.toEqual(orders(2));
  });

  it('has every kind of task and of end', () => {
    const operations = new Set(orders(1).map(({ body }) => body.payload.operation));
    expect([...operations].sort()).toEqual(['block', 'doomed', 'effect', 'flaky', 'repeat', 'slow']);
    const ends = new Set(orders(1).map(({ expect: wanted }) => wanted));
    expect([...ends].sort()).toEqual(['cancelled', 'effect', 'either', 'none', 'run']);
    expect(orders(1).some(({ body }) => body.run_at !== undefined)).toBe(true);
  });

  it('has a key for every second order', () => {
    const keyed = orders(1).filter((order) => order.keyed).length;
    expect(keyed / orders(1).length).toBeCloseTo(0.5, 1);
  });

  it('puts its reference where the task keeps it', () => {
    expect(orders(1)[5]?.body.payload.ref).toBe('5');
  });
});
