import type { BenchRequest, Running } from '../contestants/contestant.js';
import { AnswerSample } from '../load/answer-sample.js';
import { askWell } from '../load/ask.js';
import { blast } from '../load/blast.js';
import { untilFinished } from './until-finished.js';

const usualConnections = 100;

/** Ids that are read afterwards, about. */
const looked = 50;

/** What one place gets: requests that its share of the connections send over and over. */
export type Load = readonly BenchRequest[];

export interface StretchOptions {
  readonly running: Running;
  readonly loads: readonly Load[];
  readonly requests: number;
  readonly tasksPerRequest?: number;
  readonly connections?: number;
}

export interface Stretch {
  readonly tasks: number;
  /** From the first request to the last answer, in seconds. */
  readonly acceptedS: number;
  /** From the first request to the end of the last task, in seconds. */
  readonly finishedS: number;
}

/** Posts tasks as fast as they are taken and waits for their end. @throws when one was refused, lost or not finished */
export const stretch = async (options: StretchOptions): Promise<Stretch> => {
  const { running, requests, tasksPerRequest = 1 } = options;
  const tasks = requests * tasksPerRequest;
  const before = await running.finished();
  const sample = new AnswerSample(Math.ceil(requests / looked));
  const start = performance.now();
  await send(options, sample);
  const accepted = performance.now();
  await untilFinished(running, before + tasks);
  const finished = performance.now();
  if (canBeRead(options)) await lookAt(running, sample.kept);
  return { tasks, acceptedS: (accepted - start) / 1_000, finishedS: (finished - start) / 1_000 };
};

const send = async (options: StretchOptions, sample: AnswerSample): Promise<void> => {
  const { loads, requests, connections = usualConnections } = options;
  const share = (n: number): number => Math.floor(requests / loads.length) + (n < requests % loads.length ? 1 : 0);
  await Promise.all(
    loads.map((load, n) =>
      blast({ requests: load, amount: share(n), connections: Math.ceil(connections / loads.length), sample }),
    ),
  );
};

/** An answer to many tasks comes in pieces and names many, and the answers to several tenants do not say whose they are. */
const canBeRead = ({ loads, tasksPerRequest = 1 }: StretchOptions): boolean =>
  tasksPerRequest === 1 && loads.every((load) => load.length === 1);

/** Reads tasks by their ids. @throws when one is not finished: then the count was wrong */
const lookAt = async (running: Running, answers: readonly string[]): Promise<void> => {
  for (const answer of answers) {
    if (!running.isFinished(await askWell(running.read(answer)))) throw new Error(`not finished: ${answer}`);
  }
};
