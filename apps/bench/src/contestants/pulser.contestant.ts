// Pulser as a contestant: its programs on a database and a broker namespace of their own.
import { randomBytes } from 'node:crypto';

import { type Database, statement } from '@pulser/database';
import {
  dropNamespace,
  makeMigratedDatabase,
  type MigratedDatabase,
  type Service,
  type ServiceOptions,
  startTogether,
} from '@pulser/harness';
import { z } from 'zod';

import { askWell, type Noop, taskBodyOf } from '../load/blast.js';
import type { BenchRequest, Contestant, Machine, Running, RunningProcess } from '../load/contestant.js';
import type { Load } from '../load/stretch.js';

/** How many processes of Pulser run, for how many tenants, and how tasks reach the workers. */
export interface PulserOptions {
  readonly gateways: number;
  readonly routers: number;
  readonly workers: number;
  /** Tasks that a worker runs concurrently. */
  readonly concurrency: number;
  readonly tenants: number;
  readonly operation: Noop;
  readonly dispatchQueue: 'quorum' | 'classic';
}

/** Pulser as it is compared with others. */
const usualPulser: PulserOptions = {
  gateways: 1,
  routers: 1,
  workers: 1,
  concurrency: 100,
  tenants: 1,
  operation: 'noop',
  dispatchQueue: 'quorum',
};

const programs = {
  gateway: { main: 'apps/gateway/dist/main.js', login: 'pulser_app' },
  router: { main: 'apps/router/dist/main.js', login: 'pulser_service' },
  worker: { main: 'apps/bench/dist/worker/main.js', login: 'pulser_service' },
} as const;

type ProgramKind = keyof typeof programs;

/** One tenant sends all the load, so its limits are raised; all other settings are the defaults. */
export const raisedLimits = {
  RATE_LIMIT_KEY_PER_S: '1000000',
  RATE_LIMIT_KEY_BURST: '10000000',
  RATE_LIMIT_TENANT_PER_S: '1000000',
  RATE_LIMIT_TENANT_BURST: '10000000',
  QUEUE_QUOTA: '2000000000',
  DAILY_QUOTA: '2000000000',
};

interface ProgramContext {
  readonly machine: Machine;
  /** Of the database of this system, as the administrator. */
  readonly databaseUrl: string;
  readonly namespace: string;
  readonly options: PulserOptions;
}

/** How the n-th program of a kind is started. */
const pulserProgram = (kind: ProgramKind, n: number, context: ProgramContext): ServiceOptions => {
  const { machine, databaseUrl, namespace, options } = context;
  const { main, login } = programs[kind];
  const url = new URL(databaseUrl);
  url.username = login;
  return {
    name: `${kind}-${n}`,
    main,
    folder: machine.folder,
    variables: {
      DATABASE_URL: url.href,
      AMQP_URL: machine.amqpUrl,
      AMQP_NAMESPACE: namespace,
      DISPATCH_QUEUE: options.dispatchQueue,
      ...raisedLimits,
      ...(kind === 'worker' && { CONCURRENCY: String(options.concurrency) }),
    },
  };
};

interface Member {
  readonly kind: ProgramKind;
  readonly service: Service;
}

/** Pulser's programs on a database and a namespace of their own. */
class PulserSystem {
  private constructor(
    readonly store: MigratedDatabase,
    private readonly context: ProgramContext,
    private readonly members: readonly Member[],
  ) {}

  static async start(machine: Machine, options: PulserOptions): Promise<PulserSystem> {
    const tenants = Array.from({ length: options.tenants }, (_, n) => `tenant-${n + 1}`);
    const store = await makeMigratedDatabase({ serverUrl: machine.databaseUrl, prefix: 'bench_pulser', tenants });
    const namespace = `bench-${randomBytes(4).toString('hex')}`;
    const context = { machine, databaseUrl: store.url, namespace, options };
    try {
      return new PulserSystem(store, context, await startAll(context));
    } catch (error) {
      await clear(store, context);
      throw error;
    }
  }

  urls(kind: ProgramKind): readonly string[] {
    return this.members.filter((member) => member.kind === kind).map(({ service }) => service.url);
  }

  get processes(): readonly RunningProcess[] {
    return this.members.map(({ service: { name, pid } }) => ({ name, pid }));
  }

  async stop(): Promise<void> {
    const stopped = await Promise.allSettled(this.members.map(({ service }) => service.stop()));
    await clear(this.store, this.context);
    const failed = stopped.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

const clear = async (store: MigratedDatabase, { machine, namespace }: ProgramContext): Promise<void> => {
  await dropNamespace(machine.amqpUrl, namespace);
  await store.drop();
};

const startAll = async (context: ProgramContext): Promise<Member[]> => {
  const { gateways, routers, workers } = context.options;
  const counts = { gateway: gateways, router: routers, worker: workers } as const satisfies Record<ProgramKind, number>;
  const kinds = (Object.keys(counts) as ProgramKind[]).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, n) => ({ kind, program: pulserProgram(kind, n + 1, context) })),
  );
  const services = await startTogether(kinds.map(({ program }) => program));
  return services.flatMap((service, n) => {
    const kind = kinds[n]?.kind;
    return kind === undefined ? [] : [{ kind, service }];
  });
};

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
