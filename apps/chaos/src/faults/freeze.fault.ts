import { setTimeout as wait } from 'node:timers/promises';

import { leaseS } from '../processes/fleet.js';
import type { ServiceKind } from '../processes/service-kind.js';
import type { Fault } from './fault.js';

const stopped = (
  name: Fault['name'],
  kind: ServiceKind,
  lane: Fault['lane'],
  [fromMs, toMs]: readonly [number, number],
): Fault => ({
  name,
  lane,
  inject: ({ fleet }, random) =>
    fleet.borrow([kind], random, async ({ service }) => {
      const { pid } = service;
      const at = Date.now();
      service.freeze();
      await wait(random.between(fromMs, toMs));
      service.thaw();
      return { at, over: Date.now(), ...(kind === 'worker' && { workerPid: pid }) };
    }),
});

/** SIGSTOP for less than a second. */
export const blink = (kind: ServiceKind): Fault => stopped(`blink-${kind}`, kind, 'light', [50, 900]);

/** SIGSTOP for longer than a lease: the frozen process goes on and believes that nothing happened. */
export const freeze = (kind: ServiceKind): Fault =>
  stopped(`freeze-${kind}`, kind, 'process', [(leaseS + 2) * 1_000, (leaseS + 5) * 1_000]);
