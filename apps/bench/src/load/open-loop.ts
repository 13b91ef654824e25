import { setTimeout as wait } from 'node:timers/promises';

import { Random } from '@pulser/harness';
import type { Histogram } from 'hdr-histogram-js';

import type { BenchRequest } from '../contestants/contestant.js';
import { latencyHistogram, microsecondsSince } from '../statistics/latency-histogram.js';
import { arrivals } from './arrivals.policy.js';
import { askWell } from './ask.js';

/** What a task is asked for by somebody who waits for its end. */
export interface Asked {
  readonly submit: BenchRequest;
  /** A request that is answered when the task has ended. */
  readEnd(answer: string): BenchRequest;
  isFinished(answer: string): boolean;
}

export interface OpenLoopOptions {
  readonly perSecond: number;
  readonly tasks: number;
  readonly seed: number;
}

/** In microseconds. */
export interface Latencies {
  readonly accepted: Histogram;
  readonly finished: Histogram;
}

/**
 * Sends tasks when their time has come, whatever became of the others, and measures from that time: a system that stalls
 * keeps those waiting who would have come meanwhile, and they count.
 * @throws when a task is refused or does not end
 */
export const openLoop = async (asked: Asked, { perSecond, tasks, seed }: OpenLoopOptions): Promise<Latencies> => {
  const latencies: Latencies = { accepted: latencyHistogram(), finished: latencyHistogram() };
  const start = performance.now();
  const under: Promise<void>[] = [];
  for (const afterMs of arrivals(new Random(seed), perSecond, tasks)) {
    const at = start + afterMs;
    const ahead = at - performance.now();
    if (ahead > 0) await wait(ahead);
    under.push(one(asked, at, latencies));
  }
  const failed = (await Promise.allSettled(under)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return latencies;
};

const one = async (asked: Asked, at: number, { accepted, finished }: Latencies): Promise<void> => {
  const answer = await askWell(asked.submit);
  accepted.recordValue(microsecondsSince(at));
  const end = await askWell(asked.readEnd(answer));
  if (!asked.isFinished(end)) throw new Error(`not finished in time: ${end.slice(0, 200)}`);
  finished.recordValue(microsecondsSince(at));
};
