// Faults of messages: dispatches and orders that come twice, and messages that are none of ours.
import { setTimeout as wait } from 'node:timers/promises';

import { amqpPriority, exchange, header, messageVersion, queue } from '@pulser/contracts';
import type { Random } from '@pulser/harness';
import type { ConfirmChannel } from 'amqplib';

import type { RecentTask } from '../check/facts.js';
import { ownAgent, ownTaskType } from '../worker/outside.js';
import type { Fault, World } from './fault.js';

const duplicated = 20;
const ordersAgainMs = 3_000;
const deadLetterPatienceMs = 60_000;

const bytes = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));
const ours = { persistent: true, headers: { [header.version]: messageVersion } };

const dispatchOf = (task: RecentTask, random: Random): object => ({
  task_id: task.taskId,
  tenant_id: task.tenantId,
  task_type: task.taskType,
  // Not true of a row that was read, but a worker that believes it must still end the task once.
  ...(random.chance(0.5) && { fresh: true }),
  // The id of the dispatch that made the claim, or another one.
  dispatch_id: task.dispatchId !== null && random.chance(0.5) ? Number(task.dispatchId) : random.whole(0, 2 ** 40),
  payload: task.payload,
});

/** Dispatches come twice, also for tasks that run or have ended. */
export const duplicateDispatches: Fault = {
  name: 'duplicate-dispatches',
  lane: 'light',
  inject: async ({ amqp, rows }, random) => {
    const tasks = await rows.someRecent(duplicated);
    const at = Date.now();
    for (const task of tasks) {
      const options = { ...ours, priority: amqpPriority[task.priority] };
      await amqp.raw(exchange.agents.name, ownAgent, bytes([dispatchOf(task, random)]), options);
    }
    return { at, over: Date.now(), detail: `${tasks.length} dispatches` };
  },
};

const submittedOf = ({ taskId, tenantId, taskType, priority, payload }: RecentTask): object => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: taskType,
  priority,
  payload,
});

/** The message about new rows comes again, and producers send their orders again. */
export const duplicateSubmissions: Fault = {
  name: 'duplicate-submissions',
  lane: 'light',
  inject: async ({ amqp, rows, signal }) => {
    const tasks = await rows.someRecent(duplicated);
    const at = Date.now();
    await amqp.raw(exchange.tasks.name, 'tasks.submitted', bytes(tasks.map(submittedOf)), ours);
    const orders = await amqp.repeatSince(at - ordersAgainMs, signal);
    return { at, over: Date.now(), detail: `${tasks.length} rows, ${orders} orders` };
  },
};

interface Malformed {
  readonly queue: string;
  readonly body: Buffer;
  readonly headers?: Record<string, unknown>;
}

const malformed: readonly Malformed[] = [
  { queue: queue.routerTasks, body: Buffer.from('{"task_type": ') },
  { queue: queue.routerTasks, body: Buffer.from([0xff, 0xfe, 0x00]) },
  { queue: queue.routerTasks, body: bytes({ task_type: ownTaskType }) },
  { queue: queue.agent(ownAgent), body: bytes({ task_id: 'no uuid' }) },
  { queue: queue.agent(ownAgent), body: bytes([]) },
  { queue: queue.agent(ownAgent), body: Buffer.alloc(0) },
  { queue: queue.agent(ownAgent), body: bytes({ task_id: 1 }), headers: { [header.version]: 99 } },
];

const orders: readonly Record<string, unknown>[] = [{}, { [header.apiKey]: 'plsr_wrong' }, { [header.apiKey]: 7 }];

/** Calls `done` once this many messages have become dead letters. */
const onDeadLetters = async (channel: ConfirmChannel, wanted: number, done: () => void): Promise<void> => {
  const { queue: copies } = await channel.assertQueue('', {
    exclusive: true,
    arguments: { 'x-queue-type': 'classic' },
  });
  await channel.bindQueue(copies, exchange.dead.name, '#');
  let deadLetters = 0;
  const onDeadLetter = (): void => {
    deadLetters += 1;
    if (deadLetters === wanted) done();
  };
  await channel.consume(copies, onDeadLetter, { noAck: true });
};

const publishAll = async ({ amqp }: World): Promise<void> => {
  for (const { queue: to, body, headers } of malformed) await amqp.raw('', to, body, { persistent: true, headers });
  const body = bytes({ task_type: ownTaskType, payload: { operation: 'effect', ref: 'no order' } });
  for (const headers of orders) {
    await amqp.raw(exchange.tasks.name, 'task.submit', body, { persistent: true, headers });
  }
};

/** Malformed messages on Pulser's queues: all of them must become dead letters. */
export const malformedMessages: Fault = {
  name: 'malformed-messages',
  lane: 'light',
  inject: (world) =>
    world.amqp.onChannel(async (channel) => {
      const { promise: noticed, resolve } = Promise.withResolvers<number>();
      await onDeadLetters(channel, malformed.length + orders.length, () => {
        resolve(Date.now());
      });
      const at = Date.now();
      await publishAll(world);
      const over = Date.now();
      return { at, over, detectedAt: await Promise.race([noticed, wait(deadLetterPatienceMs, undefined)]) };
    }),
};
