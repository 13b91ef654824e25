import { setTimeout as wait } from 'node:timers/promises';

import type { BenchRequest, Running } from '../contestants/contestant.js';
import { AnswerSample } from '../load/answer-sample.js';
import { askWell } from '../load/ask.js';
import { blast } from '../load/blast.js';

export const connections = 100;

/** How long tasks may take after the last was accepted, in milliseconds. */
const patienceMs = 120_000;
const pollMs = 20;
/** Ids that are read afterwards, about. */
const looked = 50;

export interface StretchOptions {
  readonly running: Running;
  /** By gateway: what its share of the connections sends. */
  readonly loads: readonly (readonly BenchRequest[])[];
  readonly tasks: number;
}

export interface Stretch {
  readonly tasks: number;
  /** From the first request to the last answer, in seconds. */
  readonly acceptedS: number;
  /** From the first request to the end of the last task, in seconds. */
  readonly finishedS: number;
}

/** Resolves when so many tasks have ended. @throws when they do not for long */
export const untilFinished = async (running: Running, wanted: number): Promise<void> => {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const finished = await running.finished();
    if (finished >= wanted) return;
    if (performance.now() > deadline) throw new Error(`${wanted - finished} of ${wanted} tasks were not finished`);
    await wait(pollMs);
  }
};

/** Posts tasks as fast as they are taken and waits for their end. @throws when one was refused, lost or not finished */
export const stretch = async ({ running, loads, tasks }: StretchOptions): Promise<Stretch> => {
  const before = await running.finished();
  const sample = new AnswerSample(Math.ceil(tasks / looked));
  const start = performance.now();
  const shares = loads.map((requests, n) =>
    blast({ requests, amount: share(tasks, loads.length, n), connections: connections / loads.length, sample }),
  );
  await Promise.all(shares);
  const accepted = performance.now();
  await untilFinished(running, before + tasks);
  const finished = performance.now();
  await lookAt(running, sample.kept);
  return { tasks, acceptedS: (accepted - start) / 1_000, finishedS: (finished - start) / 1_000 };
};

const share = (tasks: number, parts: number, n: number): number =>
  Math.floor(tasks / parts) + (n < tasks % parts ? 1 : 0);

/** Reads tasks by their ids. @throws when one is not finished: then the count was wrong */
const lookAt = async (running: Running, answers: readonly string[]): Promise<void> => {
  for (const answer of answers) {
    if (!running.isFinished(await askWell(running.read(answer)))) throw new Error(`not finished: ${answer}`);
  }
};
