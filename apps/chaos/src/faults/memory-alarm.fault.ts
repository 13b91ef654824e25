import { setTimeout as wait } from 'node:timers/promises';

import type { Fault } from './fault.js';

const holdMs = [1_500, 5_000] as const;

/** Of all memory: RabbitMQ's default, and so little that the alarm goes off at once. */
const usual = '0.6';
const tiny = '0.00001';

/** The broker runs short of memory: it takes no messages, without an error. */
export const memoryAlarm: Fault = {
  name: 'broker-memory-alarm',
  lane: 'server',
  inject: async ({ servers }, random) => {
    const at = Date.now();
    await servers.rabbitmqctl('set_vm_memory_high_watermark', tiny);
    await wait(random.between(...holdMs));
    await servers.rabbitmqctl('set_vm_memory_high_watermark', usual);
    return { at, over: Date.now(), signs: /takes no messages for now/ };
  },
};
