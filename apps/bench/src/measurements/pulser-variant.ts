import type { PulserOptions } from '../contestants/pulser-options.js';
import { startPulser } from '../contestants/pulser.contestant.js';
import { finishedPerS, round } from '../stretch/round.js';
import { whileRunning } from '../stretch/while-running.js';
import type { Variant } from './comparison.js';
import type { Bench } from './measurement.js';

/** Pulser with something changed; its figure is tasks a second. */
export const pulserVariant = (name: string, changes: Partial<PulserOptions>, { machine, options }: Bench): Variant => ({
  name,
  measure: () =>
    whileRunning(startPulser(machine, changes), async (running) => {
      const found = await round(running, options.seconds, running.loads);
      await running.verify();
      return finishedPerS(found);
    }),
});
