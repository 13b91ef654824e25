// Pulser as a contestant.
import { type Database, statement } from '@pulser/database';
import { z } from 'zod';

import { askWell, type Noop, taskBodyOf } from '../load/blast.js';
import type { BenchRequest, Contestant, Machine, Running, RunningProcess } from '../load/contestant.js';
import type { Load } from '../load/stretch.js';
import { type PulserOptions, PulserSystem, usualPulser } from './pulser-system.js';

const Accepted = z.object({ task_id: z.string() });
const Task = z.object({ status: z.string() });

/** The request that reads a task. @param submit the request that submitted it @param answer the answer to that */
export const taskRequest = (submit: BenchRequest, answer: string, query = ''): BenchRequest => ({
  url: new URL(`/api/v1/tasks/${Accepted.parse(JSON.parse(answer)).task_id}${query}`, submit.url).href,
  method: 'GET',
  headers: { authorization: submit.headers['authorization'] ?? '' },
});

export const isCompleted = (answer: string): boolean => Task.parse(JSON.parse(answer)).status === 'completed';

const completed = /^pulser_task_attempts_total\{[^}]*outcome="completed"[^}]*\} (\S+)$/gm;

/** Tasks that a worker has completed, from its metrics in Prometheus' text format. */
export const completedIn = (metrics: string): number =>
  [...metrics.matchAll(completed)].reduce((sum, [, value]) => sum + Number(value), 0);

const countRows = statement(
  'bench.ended-rows',
  `select count(*) filter (where status = 'completed')::int as completed,
     count(*) filter (where completed_at is null)::int as open from task_queue`,
);

interface EndedRows extends Record<string, unknown> {
  readonly completed: number;
  /** Rows that have not ended, well or badly. */
  readonly open: number;
}

/** Reads every row: never during a measurement. */
const endedRows = async (database: Database): Promise<EndedRows> => {
  const [rows] = await database.query<EndedRows>(countRows);
  if (rows === undefined) throw new Error('a count has no row');
  return rows;
};

const countDequeued = statement(
  'bench.dequeued-rows',
  `select count(*) filter (where dispatches > 0)::int as dequeued, count(*)::int as tasks from task_queue
   where created_at >= $1`,
);

/** Pulser, ready for tasks. */
export class PulserRunning implements Running {
  constructor(
    readonly system: PulserSystem,
    private readonly operation: Noop,
  ) {}

  get submit(): BenchRequest {
    const [first] = this.loads.flat();
    if (first === undefined) throw new Error('there is no gateway, or no tenant');
    return first;
  }

  /** Per gateway: a task of each tenant. */
  get loads(): readonly Load[] {
    return this.posts('/api/v1/tasks', taskBodyOf(this.operation));
  }

  /** Per gateway: a request of each tenant. */
  posts(path: string, body: string): readonly Load[] {
    return this.system
      .urls('gateway')
      .map((url) => this.system.store.tenants.map(({ key }) => post(url + path, key, body)));
  }

  read(answer: string): BenchRequest {
    return taskRequest(this.submit, answer);
  }

  /** Answered when the task has ended, or after 10 s. */
  readEnd(answer: string): BenchRequest {
    return taskRequest(this.submit, answer, '?wait=10s');
  }

  isFinished(answer: string): boolean {
    return isCompleted(answer);
  }

  async finished(): Promise<number> {
    const texts = this.system
      .urls('worker')
      .map((url) => askWell({ url: `${url}/metrics`, method: 'GET', headers: {} }));
    return (await Promise.all(texts)).reduce((sum, text) => sum + completedIn(text), 0);
  }

  /**
   * The share of the tasks since then, in percent, that the router took from their rows instead of sending them straight on.
   * Reads every row.
   */
  async dequeuedPercent(since: Date): Promise<number> {
    const { database } = this.system.store;
    const [row] = await database.query<{ dequeued: number; tasks: number }>(countDequeued, [since]);
    return row === undefined || row.tasks === 0 ? 0 : (100 * row.dequeued) / row.tasks;
  }

  /** @throws when the rows disagree with the metrics */
  async verify(): Promise<void> {
    const [finished, ended] = await Promise.all([this.finished(), endedRows(this.system.store.database)]);
    if (ended.completed !== finished || ended.open > 0) {
      throw new Error(
        `${finished} tasks were counted; ${ended.completed} rows are completed, ${ended.open} have not ended`,
      );
    }
  }

  get processes(): readonly RunningProcess[] {
    return this.system.processes;
  }

  stop(): Promise<void> {
    return this.system.stop();
  }
}

const post = (url: string, key: string, body: string): BenchRequest => ({
  url,
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body,
});

export const startPulser = async (machine: Machine, changes: Partial<PulserOptions> = {}): Promise<PulserRunning> => {
  const options = { ...usualPulser, ...changes };
  return new PulserRunning(await PulserSystem.start(machine, options), options.operation);
};

const contestant = (name: string, settings: readonly string[], changes: Partial<PulserOptions> = {}): Contestant => ({
  name,
  settings,
  install: () => Promise.resolve(),
  start: (machine) => startPulser(machine, changes),
});

/** Pulser as it ships: one gateway, router and worker, with authentication, row-level security, leases, events and telemetry. */
export const pulser = contestant('pulser', [
  `1 gateway, 1 router, 1 worker with CONCURRENCY=${usualPulser.concurrency}; everything else is at its default`,
  'limits of rate and quota are raised, so that one tenant may do all of it (README, Configuration)',
  'PostgreSQL with fsync and synchronous_commit on for what is accepted and finished; RabbitMQ quorum queues',
]);

/** Pulser in other settings, for users whom they fit: rows of their own, never the one that stands for Pulser. */
export const pulserOtherwise: readonly Contestant[] = [
  contestant(
    'pulser-repeatable',
    ['as pulser, but the operation is declared repeatable: after a crash it may run twice, and ends once'],
    { operation: 'repeatable_noop' },
  ),
  contestant(
    'pulser-classic',
    ['as pulser, but DISPATCH_QUEUE=classic: dispatches are on one node of the broker and not on its disk'],
    { dispatchQueue: 'classic' },
  ),
];
