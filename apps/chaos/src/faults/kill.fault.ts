import { setTimeout as wait } from 'node:timers/promises';

import type { ServiceKind } from '../processes/service-kind.js';
import type { Fault } from './fault.js';

const pauseMs = [0, 2_000] as const;

/** kill -9 of one process; it is started again after a while. */
export const kill = (kind: ServiceKind): Fault => ({
  name: `kill-${kind}`,
  lane: 'process',
  inject: ({ fleet }, random) =>
    fleet.borrow([kind], random, async ({ service }) => {
      const { pid } = service;
      const at = Date.now();
      await service.end('SIGKILL');
      const over = Date.now();
      await wait(random.between(...pauseMs));
      service.start();
      await service.ready();
      return { at, over, ...(kind === 'worker' && { workerPid: pid }) };
    }),
});
