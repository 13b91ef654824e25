import { WorkflowDefinition } from '@pulser/contracts';
import { Random } from '@pulser/harness';
import { agents } from '@pulser/roster';

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
    const own = ['block', 'doomed', 'effect', 'flaky', 'repeat', 'slow'];
    expect([...operations]).toEqual(expect.arrayContaining([...own, 'run', 'approve', 'ask']));
    const ends = new Set(orders(1).map(({ expect: wanted }) => wanted));
    expect([...ends].sort()).toEqual(['answer', 'asked', 'cancelled', 'effect', 'either', 'none', 'run']);
    expect(orders(1).some(({ body }) => body.run_at !== undefined)).toBe(true);
  });

  it('has a key for every second order', () => {
    const keyed = orders(1).filter((order) => order.keyed).length;
    expect(keyed / orders(1).length).toBeCloseTo(0.5, 1);
  });

  it('puts its reference where the task keeps it', () => {
    for (const { ref, body } of orders(1)) expect(body.metadata?.ref ?? body.payload['ref']).toBe(ref);
  });

  it('has runs with every kind of step, and knows their effects', () => {
    const runs = orders(1).filter(({ body }) => body.payload.operation === 'run');
    const steps = runs.flatMap(({ body }) => {
      const { steps: all } = WorkflowDefinition.parse(body.payload['definition']);
      return all.map(({ name }) => name);
    });
    expect([...new Set(steps)].sort()).toEqual(['begin', 'each', 'end', 'gate', 'pause', 'sum']);
    for (const { ref, effects = [] } of runs) expect(effects).toContain(`${ref}.each-0`);
  });

  it('has approvals that are denied, too', () => {
    const approvals = orders(1).filter(({ body }) => body.payload.operation === 'approve');
    expect(new Set(approvals.map(({ expect: wanted }) => wanted))).toEqual(new Set(['answer', 'none']));
  });

  it('has work for every agent that comes with Pulser', () => {
    const taskTypes = new Set(orders(1).map(({ body }) => body.task_type));
    const running = agents.filter((row) => 'folder' in row);
    for (const { taskTypes: own } of running) for (const { name } of own) expect(taskTypes).toContain(name);
  });
});
