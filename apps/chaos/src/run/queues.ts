import { setTimeout as wait } from 'node:timers/promises';

import type { Servers } from '@pulser/harness';
import { z } from 'zod';

import type { QueueFact } from '../check/facts.js';

const Listed = z.array(z.object({ name: z.string(), messages_ready: z.int(), messages_unacknowledged: z.int() }));

const patienceMs = 15_000;

const list = async (servers: Servers): Promise<QueueFact[]> => {
  const columns = ['name', 'messages_ready', 'messages_unacknowledged'];
  const printed = await servers.rabbitmqctl('list_queues', '--formatter', 'json', ...columns);
  return Listed.parse(JSON.parse(printed)).map((one) => ({
    name: one.name,
    ready: one.messages_ready,
    unacknowledged: one.messages_unacknowledged,
  }));
};

/** The broker's queues, once nothing in them is under way or has been for long. */
export const restingQueues = async (servers: Servers): Promise<QueueFact[]> => {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const queues = await list(servers);
    if (performance.now() > deadline || queues.every(({ unacknowledged }) => unacknowledged === 0)) return queues;
    await wait(500);
  }
};
