import type { Running } from '../contestants/contestant.js';
import { type Load, type Stretch, stretch } from './stretch.js';

/** Before the first stretch nothing is known of the rate. */
const firstRequests = 2_000;
const fewestRequests = 100;

/** Compilers, pools and the router's windows take their time to warm up. */
const warmUpS = 10;

export const finishedPerS = ({ tasks, finishedS }: Stretch): number => tasks / finishedS;
export const acceptedPerS = ({ tasks, acceptedS }: Stretch): number => tasks / acceptedS;

/** Warms up, finds out how many tasks take so many seconds, and measures these. */
export const round = async (
  running: Running,
  seconds: number,
  loads: readonly Load[] = [[running.submit]],
): Promise<Stretch> => {
  const run = (requests: number): Promise<Stretch> =>
    stretch({ running, loads, requests: Math.max(fewestRequests, Math.round(requests)) });
  const cold = await run(firstRequests);
  const warm = await run(finishedPerS(cold) * warmUpS);
  return run(finishedPerS(warm) * seconds);
};
