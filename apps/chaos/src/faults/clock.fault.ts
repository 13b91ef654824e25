import { globSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { ServiceKind } from '../processes/service-kind.js';
import type { Fault } from './fault.js';

const kinds: readonly ServiceKind[] = ['gateway', 'router', 'worker'];
const holdMs = [5_000, 8_000] as const;

const library = (): string | undefined => globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];

/** One process believes that it is an hour earlier or later. */
export const clockAnHourOff: Fault = {
  name: 'clock-an-hour-off',
  lane: 'process',
  inject: ({ fleet }, random) =>
    fleet.borrow(kinds, random, async ({ service }) => {
      const faketime = library();
      const at = Date.now();
      if (faketime === undefined)
        return { at, over: at, unavailable: 'libfaketime is not installed (Debian: faketime)' };
      const offset = random.pick(['+1h', '-1h']);
      await service.end('SIGTERM');
      // Node's timers run on the monotonic clock, which no machine sets back.
      service.start({
        LD_PRELOAD: faketime,
        FAKETIME: offset,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
      });
      await service.ready();
      await wait(random.between(...holdMs));
      await service.end('SIGTERM');
      const over = Date.now();
      service.start();
      await service.ready();
      return { at, over, detail: `${service.name} ${offset}` };
    }),
};
