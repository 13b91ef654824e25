import { setTimeout as wait } from 'node:timers/promises';

import type { Order } from '../load/order.js';
import type { Fault } from './fault.js';
import type { World } from './world.js';

const blockedS = 25;
const patienceMs = 10_000;

const blocking = (ref: string): Order => ({
  ref,
  expect: 'effect',
  body: { task_type: 'testing', priority: 'high', payload: { operation: 'block', ref, seconds: blockedS } },
});

const begunBy = async ({ rows }: World, ref: string): Promise<number | undefined> => {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const pid = await rows.begunBy(ref).catch(() => undefined);
    if (pid !== undefined) return pid;
    await wait(50);
  }
  return undefined;
};

/** A task that lets nothing else of its worker run, for longer than its lease and the broker's patience. */
export const blockedEventLoop: Fault = {
  name: 'blocked-event-loop',
  lane: 'process',
  inject: async (world) => {
    const ref = await world.load.extra(blocking);
    const pid = await begunBy(world, ref);
    const at = Date.now();
    await wait(blockedS * 1_000);
    return { at, over: Date.now(), workerPid: pid };
  },
};
