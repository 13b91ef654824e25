import { randomBytes } from 'node:crypto';

import {
  administer,
  dropNamespace,
  makeMigratedDatabase,
  type MigratedDatabase,
  type Service,
  startTogether,
} from '@pulser/harness';

import type { Machine, RunningProcess } from './contestant.js';
import type { PulserOptions } from './pulser-options.js';
import { type ProgramKind, pulserProgram, type ExplainContext } from './pulser-program.js';

/** A process, and which of Pulser's programs it is. */
interface Member {
  readonly kind: ProgramKind;
  readonly service: Service;
}

/** Pulser's programs on a database and a namespace of their own. */
export class PulserSystem {
  private constructor(
    readonly store: MigratedDatabase,
    private readonly surroundings: ExplainContext,
    private readonly members: readonly Member[],
  ) {}

  static async start(machine: Machine, options: PulserOptions): Promise<PulserSystem> {
    const tenants = Array.from({ length: options.tenants }, (_, n) => `tenant-${n + 1}`);
    const store = await makeMigratedDatabase({ serverUrl: machine.databaseUrl, prefix: 'bench_pulser', tenants });
    const namespace = `bench-${randomBytes(4).toString('hex')}`;
    const surroundings = { machine, databaseUrl: store.url, namespace, options };
    try {
      await administer(store.url, options.sql);
      return new PulserSystem(store, surroundings, await startAll(surroundings));
    } catch (error) {
      await clear(store, surroundings);
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
    await clear(this.store, this.surroundings);
    const failed = stopped.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

const clear = async (store: MigratedDatabase, { machine, namespace }: ExplainContext): Promise<void> => {
  await dropNamespace(machine.amqpUrl, namespace);
  await store.drop();
};

const startAll = async (surroundings: ExplainContext): Promise<Member[]> => {
  const { gateways, routers, workers } = surroundings.options;
  const counts = { gateway: gateways, router: routers, worker: workers } as const satisfies Record<ProgramKind, number>;
  const kinds = (Object.keys(counts) as ProgramKind[]).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, n) => ({ kind, program: pulserProgram(kind, n + 1, surroundings) })),
  );
  const services = await startTogether(kinds.map(({ program }) => program));
  return services.flatMap((service, n) => {
    const kind = kinds[n]?.kind;
    return kind === undefined ? [] : [{ kind, service }];
  });
};
