import { exchange, queue } from '@pulser/contracts';

import { sendOrdersAgain } from './broker.fault.js';
import type { Fault } from './fault.js';

/** Somebody deletes a queue, with what is in it. */
export const queueDeleted: Fault = {
  name: 'queue-deleted',
  lane: 'server',
  inject: async (world, random) => {
    const victim = random.pick([queue.agent('echo'), queue.routerTasks]);
    const at = Date.now();
    await world.amqp.onChannel((channel) => channel.deleteQueue(victim));
    const over = Date.now();
    if (victim === queue.routerTasks) await sendOrdersAgain(world, at);
    return { at, over, detail: victim };
  },
};

/** Somebody deletes an exchange, with its bindings. */
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
