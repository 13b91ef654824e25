// Faults of the broker: it dies, restarts, loses its data, runs out of memory, or its queues and exchanges are deleted.
import { setTimeout as wait } from 'node:timers/promises';

import { exchange, queue } from '@pulser/contracts';

import { ownAgent } from '../worker/outside.js';
import type { Fault, World } from './fault.js';

const pauseMs = [0, 1_500] as const;
const lost = /lost the connection to the broker/;

/** A broker without its data has lost orders too: their producers must send those of the last two minutes again. */
const ordersKeptMs = 120_000;

const sendOrdersAgain = async ({ amqp, signal }: World, at: number): Promise<void> => {
  await amqp.repeatSince(at - ordersKeptMs, signal);
};

/** kill -9 of the broker. */
export const brokerKill: Fault = {
  name: 'broker-kill',
  lane: 'server',
  inject: async ({ servers }, random) => {
    const at = Date.now();
    await servers.broker('kill');
    await wait(random.between(...pauseMs));
    await servers.broker('start');
    return { at, over: Date.now(), signs: lost };
  },
};

/** The broker is stopped properly and started again. */
export const brokerRestart: Fault = {
  name: 'broker-restart',
  lane: 'server',
  inject: async ({ servers }) => {
    const at = Date.now();
    await servers.broker('stop');
    await servers.broker('start');
    return { at, over: Date.now(), signs: lost };
  },
};

/** The broker comes back without its data: no queues, no exchanges, no messages. */
export const brokerWipe: Fault = {
  name: 'broker-wipe',
  lane: 'server',
  inject: async (world) => {
    const at = Date.now();
    await world.servers.broker('wipe');
    const over = Date.now();
    await sendOrdersAgain(world, at);
    return { at, over, signs: lost };
  },
};

const alarmMs = [1_500, 5_000] as const;

/** Shares of all memory: RabbitMQ's default, and one that raises the alarm at once. */
const usualWatermark = '0.6';
const tinyWatermark = '0.00001';

/** The broker runs short of memory: it accepts no messages, without an error. */
export const memoryAlarm: Fault = {
  name: 'broker-memory-alarm',
  lane: 'server',
  inject: async ({ servers }, random) => {
    const at = Date.now();
    await servers.rabbitmqctl('set_vm_memory_high_watermark', tinyWatermark);
    await wait(random.between(...alarmMs));
    await servers.rabbitmqctl('set_vm_memory_high_watermark', usualWatermark);
    return { at, over: Date.now(), signs: /takes no messages for now/ };
  },
};

/** An operator deletes a queue with its messages. */
export const queueDeleted: Fault = {
  name: 'queue-deleted',
  lane: 'server',
  inject: async (world, random) => {
    const victim = random.pick([queue.agent(ownAgent), queue.routerTasks]);
    const at = Date.now();
    await world.amqp.onChannel((channel) => channel.deleteQueue(victim));
    const over = Date.now();
    if (victim === queue.routerTasks) await sendOrdersAgain(world, at);
    return { at, over, detail: victim };
  },
};

/** An operator deletes an exchange with its bindings. */
export const exchangeDeleted: Fault = {
  name: 'exchange-deleted',
  lane: 'server',
  inject: async ({ amqp }, random) => {
    const victim = random.pick(Object.values(exchange)).name;
    const at = Date.now();
    await amqp.onChannel((channel) => channel.deleteExchange(victim));
    return { at, over: Date.now(), detail: victim };
  },
};
