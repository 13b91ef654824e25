import { setTimeout as wait } from 'node:timers/promises';

import type { Fault } from './fault.js';
import type { World } from './world.js';

const pauseMs = [0, 1_500] as const;
const lost = /lost the connection to the broker/;

/** A broker that was wiped has lost orders too: their producers must send what they sent lately again. */
const ordersKeptMs = 120_000;

export const sendOrdersAgain = async ({ amqp, signal }: World, at: number): Promise<void> => {
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

/** The broker is stopped in good order and started again. */
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
