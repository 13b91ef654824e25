import { setTimeout as wait } from 'node:timers/promises';

import type { Fault } from './fault.js';

const gapMs = [0, 600] as const;

/** kill -9 of every process at once; they are started again in any order. */
export const killAll: Fault = {
  name: 'kill-all',
  lane: 'alone',
  inject: async ({ fleet }, random) => {
    const at = Date.now();
    await Promise.all(fleet.members.map(({ service }) => service.end('SIGKILL')));
    for (const { service } of random.shuffled(fleet.members)) {
      service.start();
      await wait(random.between(...gapMs));
    }
    await Promise.all(fleet.members.map(({ service }) => service.ready()));
    return { at, over: Date.now() };
  },
};
