import type { Running } from '../contestants/contestant.js';
import { type Stretch, stretch, type StretchOptions } from './stretch.js';

/** Before the first measure nothing is known of the rate. */
const firstTasks = 2_000;
const warmUpS = 2;

const rate = ({ tasks, finishedS }: Stretch): number => tasks / finishedS;

/** Sends all there is to one place. */
export const loadsOf = (running: Running): StretchOptions['loads'] => [[running.submit]];

/** Warms up, finds out how many tasks take so many seconds, and measures these. */
export const round = async (running: Running, seconds: number, loads = loadsOf(running)): Promise<Stretch> => {
  const run = (tasks: number): Promise<Stretch> => stretch({ running, loads, tasks: Math.max(100, Math.round(tasks)) });
  const cold = await run(firstTasks);
  const warm = await run(rate(cold) * warmUpS);
  return run(rate(warm) * seconds);
};
