import { setTimeout as wait } from 'node:timers/promises';

import type { Running } from '../contestants/contestant.js';
import { AnswerSample } from '../load/answer-sample.js';
import { blast } from '../load/blast.js';

const connections = 100;

/** After so long the load has come to all parts, in milliseconds. */
const settleMs = 2_000;

/**
 * Tasks that end in a second while requests come as fast as they are answered, whoever sent these tasks.
 * @throws when the load is over before it has settled
 */
export const steadyRate = async (running: Running, requests: number): Promise<number> => {
  const over = new AbortController();
  const sample = new AnswerSample(requests);
  const sent = blast({ requests: [running.submit], amount: requests, connections, sample }).finally(() => {
    over.abort();
  });
  await Promise.race([sent, wait(settleMs)]);
  if (over.signal.aborted) throw new Error('the load was too short to be measured');
  const [from, before] = [performance.now(), await running.finished()];
  await sent;
  const [to, after] = [performance.now(), await running.finished()];
  return ((after - before) * 1_000) / (to - from);
};
