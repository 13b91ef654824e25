// Pulser's programs of a run, on a database and a broker namespace of their own.
import { randomBytes } from 'node:crypto';

import {
  dropNamespace,
  makeMigratedDatabase,
  type MigratedDatabase,
  type Service,
  type ServiceOptions,
  startTogether,
} from '@pulser/harness';

import type { Noop } from '../load/blast.js';
import type { Machine, RunningProcess } from '../load/contestant.js';

/** How many processes of Pulser run, for how many tenants, and how tasks reach the workers. */
export interface PulserOptions {
  readonly gateways: number;
  readonly routers: number;
  readonly workers: number;
  /** Of the agent that advances workflows. */
  readonly conductors: number;
  readonly healths: number;
  /** Tasks that a worker runs concurrently. */
  readonly concurrency: number;
  readonly tenants: number;
  readonly operation: Noop;
  readonly dispatchQueue: 'quorum' | 'classic';
  /** What is done to the fresh database before the programs start. */
  readonly prepare?: (store: MigratedDatabase) => Promise<void>;
  /** More variables of the environment of every program. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Modules that every program loads before its own. */
  readonly preloads?: readonly string[];
}

/** Pulser as it is compared with others. */
export const usualPulser: PulserOptions = {
  gateways: 1,
  routers: 1,
  workers: 1,
  conductors: 0,
  healths: 0,
  concurrency: 100,
  tenants: 1,
  operation: 'noop',
  dispatchQueue: 'quorum',
};

const programs = {
  gateway: { main: 'apps/gateway/dist/main.js', login: 'pulser_app' },
  router: { main: 'apps/router/dist/main.js', login: 'pulser_service' },
  worker: { main: 'apps/bench/dist/worker/main.js', login: 'pulser_service' },
  conductor: { main: 'apps/agents/pulser/dist/main.js', login: 'pulser_service' },
  health: { main: 'apps/health/dist/main.js', login: 'pulser_service' },
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
    preloads: options.preloads ?? [],
    variables: {
      DATABASE_URL: url.href,
      AMQP_URL: machine.amqpUrl,
      AMQP_NAMESPACE: namespace,
      DISPATCH_QUEUE: options.dispatchQueue,
      ...raisedLimits,
      ...options.variables,
      ...(kind === 'worker' && { CONCURRENCY: String(options.concurrency) }),
    },
  };
};

interface Member {
  readonly kind: ProgramKind;
  readonly service: Service;
}

/** Pulser's programs on a database and a namespace of their own. */
export class PulserSystem {
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
      await options.prepare?.(store);
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
  const {
    gateways: gateway,
    routers: router,
    workers: worker,
    healths: health,
    conductors: conductor,
  } = context.options;
  const counts = { gateway, router, worker, health, conductor } as const satisfies Record<ProgramKind, number>;
  const kinds = (Object.keys(counts) as ProgramKind[]).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, n) => ({ kind, program: pulserProgram(kind, n + 1, context) })),
  );
  const services = await startTogether(kinds.map(({ program }) => program));
  return services.flatMap((service, n) => {
    const kind = kinds[n]?.kind;
    return kind === undefined ? [] : [{ kind, service }];
  });
};
