import { median } from '../statistics/spread.policy.js';

/** One measure takes at least so long, in nanoseconds, so that the clock's own grain does not count. */
const leastNs = 5_000_000n;
const measures = 15;

/** Anything that is done over and over; what it returns is kept, so that no compiler drops it. */
export type Work = () => unknown;

let kept: unknown;

const run = async (work: Work, times: number): Promise<bigint> => {
  const start = process.hrtime.bigint();
  for (let n = 0; n < times; n++) {
    const outcome = work();
    kept = outcome instanceof Promise ? await outcome : outcome;
  }
  return process.hrtime.bigint() - start;
};

const timesFor = async (work: Work): Promise<number> => {
  for (let times = 1; ; times *= 2) if ((await run(work, times)) >= leastNs) return times;
};

/** Nanoseconds that each of some works takes, in turns, so that what slows the machine down slows all of them down. */
export const paces = async (works: readonly Work[]): Promise<number[]> => {
  const times: number[] = [];
  for (const work of works) times.push(await timesFor(work));
  const found: number[][] = works.map(() => []);
  for (let n = 0; n < measures; n++) {
    for (const [index, work] of works.entries()) {
      const count = times[index] ?? 1;
      found[index]?.push(Number(await run(work, count)) / count);
    }
  }
  if (kept === paces) throw new Error('unreachable');
  return found.map(median);
};
