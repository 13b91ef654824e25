// Open loop: tasks that arrive by a seeded Poisson process, and how long each takes.
import { setTimeout as wait } from 'node:timers/promises';

import { Random } from '@pulser/harness';
import { build, type Histogram } from 'hdr-histogram-js';

import { askWell } from './blast.js';
import type { BenchRequest } from './contestant.js';

/** Microseconds, up to an hour, with three significant digits. */
export const latencyHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 });

/** Microseconds, at least one. @param start by `performance.now()` */
export const microsecondsSince = (start: number): number =>
  Math.max(1, Math.round((performance.now() - start) * 1_000));

/** Arrival times in milliseconds from the start, by a Poisson process: independent of each other, as those of many clients are. */
export function* arrivals(random: Random, perSecond: number, count: number): Generator<number> {
  let at = 0;
  for (let n = 0; n < count; n++) {
    at += (-Math.log(1 - random.next()) * 1_000) / perSecond;
    yield at;
  }
}

/** A contestant that can be asked for the end of a task. */
interface Asked {
  readonly submit: BenchRequest;
  /** A request that is answered when the task has ended. */
  readEnd(answer: string): BenchRequest;
  isFinished(answer: string): boolean;
}

interface OpenLoopOptions {
  readonly perSecond: number;
  readonly tasks: number;
  readonly seed: number;
  /** Of so many tasks one is asked for its end: asking takes the gateway and this process about as long as submitting. */
  readonly oneOf: number;
}

/** In microseconds. */
export interface Latencies {
  readonly accepted: Histogram;
  readonly finished: Histogram;
}

/**
 * Sends each task at its arrival time, whatever became of the others, and measures from that time: tasks that arrive
 * while the system stalls count with their waiting time.
 * @throws when a task is refused, or one that is asked for does not end
 */
export const openLoop = async (asked: Asked, options: OpenLoopOptions): Promise<Latencies> => {
  const { perSecond, tasks, seed, oneOf } = options;
  const latencies: Latencies = { accepted: latencyHistogram(), finished: latencyHistogram() };
  const start = performance.now();
  const underWay: Promise<void>[] = [];
  for (const afterMs of arrivals(new Random(seed), perSecond, tasks)) {
    const at = start + afterMs;
    const ahead = at - performance.now();
    if (ahead > 0) await wait(ahead);
    underWay.push(measureOne(asked, at, latencies, underWay.length % oneOf === 0));
  }
  const failed = (await Promise.allSettled(underWay)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return latencies;
};

const measureOne = async (
  asked: Asked,
  at: number,
  { accepted, finished }: Latencies,
  toItsEnd: boolean,
): Promise<void> => {
  const answer = await askWell(asked.submit);
  accepted.recordValue(microsecondsSince(at));
  if (!toItsEnd) return;
  const end = await askWell(asked.readEnd(answer));
  if (!asked.isFinished(end)) throw new Error(`not finished in time: ${end.slice(0, 200)}`);
  finished.recordValue(microsecondsSince(at));
};
