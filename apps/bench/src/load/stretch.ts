// A stretch: so many tasks as fast as they are accepted, until the last has ended; and rounds of stretches.
import { setTimeout as wait } from 'node:timers/promises';

import { AnswerSample, askWell, blast } from './blast.js';
import type { BenchRequest, Running } from './contestant.js';

/** Tasks may take so long after the last was accepted, in milliseconds. */
const finishPatienceMs = 300_000;
const pollMs = 20;

/** Resolves when so many tasks have ended. @throws when they have not within 300 s */
export const untilFinished = async (running: Running, wanted: number): Promise<void> => {
  const deadline = performance.now() + finishPatienceMs;
  for (;;) {
    const finished = await running.finished();
    if (finished >= wanted) return;
    if (performance.now() > deadline) throw new Error(`${wanted - finished} of ${wanted} tasks were not finished`);
    await wait(pollMs);
  }
};

const usualConnections = 100;

/** About so many tasks are read by id afterwards. */
const sampled = 50;

/** The requests for one gateway, which its share of the connections sends repeatedly. */
export type Load = readonly BenchRequest[];

interface StretchOptions {
  readonly running: Running;
  readonly loads: readonly Load[];
  readonly requests: number;
  readonly tasksPerRequest?: number;
  readonly connections?: number;
}

export interface Stretch {
  readonly tasks: number;
  /** When it began. */
  readonly at: Date;
  /**
   * CPU time of a task in this process, which sends them, in microseconds. It does the same in every round: where it takes
   * longer, the machine was slower.
   */
  readonly loadUs: number;
  /** From the first request to the last answer, in seconds. */
  readonly acceptedS: number;
  /** From the first request to the end of the last task, in seconds. */
  readonly finishedS: number;
}

/** Posts tasks as fast as they are accepted and waits for their end. @throws when one was refused, lost or not finished */
export const stretch = async (options: StretchOptions): Promise<Stretch> => {
  const { running, requests, tasksPerRequest = 1 } = options;
  const tasks = requests * tasksPerRequest;
  const before = await running.finished();
  const sample = new AnswerSample(Math.ceil(requests / sampled));
  const [at, start, cpu] = [new Date(), performance.now(), process.cpuUsage()];
  await send(options, sample);
  const accepted = performance.now();
  await untilFinished(running, before + tasks);
  const finished = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  if (canBeRead(options)) await checkSample(running, sample.kept);
  const loadUs = (user + system) / tasks;
  return { tasks, at, loadUs, acceptedS: (accepted - start) / 1_000, finishedS: (finished - start) / 1_000 };
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

/** The answer to a batch names many tasks, and answers to several tenants do not say whose task it is. */
const canBeRead = ({ loads, tasksPerRequest = 1 }: StretchOptions): boolean =>
  tasksPerRequest === 1 && loads.every((load) => load.length === 1);

/** Reads tasks by their ids. @throws when one is not finished: then the count was wrong */
const checkSample = async (running: Running, answers: readonly string[]): Promise<void> => {
  for (const answer of answers) {
    if (!running.isFinished(await askWell(running.read(answer)))) throw new Error(`not finished: ${answer}`);
  }
};

/** Of the first stretch, before the rate is known. */
const firstTasks = 2_000;
const minRequests = 100;

export const finishedPerS = ({ tasks, finishedS }: Stretch): number => tasks / finishedS;
export const acceptedPerS = ({ tasks, acceptedS }: Stretch): number => tasks / acceptedS;

/** In seconds. */
export interface RoundLength {
  /** Of the measured stretch. */
  readonly seconds: number;
  /** For compilers, pools and the router's windows, before it. */
  readonly warmup: number;
}

/**
 * Warms up, estimates how many tasks take so long, and measures these.
 * @param run a stretch of about so many tasks
 */
export const measured = async (
  run: (tasks: number) => Promise<Stretch>,
  { seconds, warmup }: RoundLength,
): Promise<Stretch> => {
  const end = performance.now() + warmup * 1_000;
  let last = await run(firstTasks);
  // It grows faster meanwhile, so that one stretch for the whole time would be over too early.
  for (let left = warmup; left > 0; left = (end - performance.now()) / 1_000)
    last = await run(finishedPerS(last) * Math.max(1, left));
  return run(finishedPerS(last) * seconds);
};

/** A measured stretch with one task a request, after a warm-up. */
export const round = (
  running: Running,
  length: RoundLength,
  loads: readonly Load[] = [[running.submit]],
): Promise<Stretch> =>
  measured((tasks) => stretch({ running, loads, requests: Math.max(minRequests, Math.round(tasks)) }), length);

/** After so long the load has reached all processes, in milliseconds. */
const settleMs = 2_000;

/**
 * Tasks that end per second, those of a backlog included, while requests come as fast as they are answered.
 * @throws when the load is over before it has settled
 */
export const steadyRate = async (running: Running, requests: number): Promise<number> => {
  const over = new AbortController();
  const sample = new AnswerSample(requests);
  const sent = blast({ requests: [running.submit], amount: requests, connections: usualConnections, sample }).finally(
    () => {
      over.abort();
    },
  );
  await Promise.race([sent, wait(settleMs)]);
  if (over.signal.aborted) throw new Error('the load was too short to be measured');
  const [from, before] = [performance.now(), await running.finished()];
  await sent;
  const [to, after] = [performance.now(), await running.finished()];
  return ((after - before) * 1_000) / (to - from);
};

/** Runs `work` with a started contestant and stops it afterwards, also when `work` fails. */
export const whileRunning = async <R extends Running, T>(
  started: Promise<R>,
  work: (running: R) => Promise<T>,
): Promise<T> => {
  const running = await started;
  let outcome: T;
  try {
    outcome = await work(running);
  } catch (error) {
    // The first error is the one to report.
    await running.stop().catch(() => undefined);
    throw error;
  }
  await running.stop();
  return outcome;
};
