import { randomBytes } from 'node:crypto';

import { administer, dropNamespace, makeMigratedDatabase, type MigratedDatabase, Service } from '@pulser/harness';

import type { Machine, RunningProcess } from './contestant.js';
import type { PulserOptions } from './pulser-options.js';
import { type ProgramKind, programKinds, pulserProgram, type Surroundings } from './pulser-program.js';

type Services = Readonly<Record<ProgramKind, readonly Service[]>>;

/** Pulser's programs on a database and a namespace of their own. */
export class PulserSystem {
  private constructor(
    readonly store: MigratedDatabase,
    private readonly surroundings: Surroundings,
    private readonly services: Services,
  ) {}

  static async start(machine: Machine, options: PulserOptions): Promise<PulserSystem> {
    const tenants = Array.from({ length: options.tenants }, (_, n) => `tenant-${n + 1}`);
    const store = await makeMigratedDatabase({ serverUrl: machine.databaseUrl, prefix: 'bench_pulser', tenants });
    await administer(store.url, options.sql);
    const namespace = `bench-${randomBytes(4).toString('hex')}`;
    const surroundings = { machine, databaseUrl: store.url, namespace, options };
    return new PulserSystem(store, surroundings, await startAll(surroundings));
  }

  urls(kind: ProgramKind): readonly string[] {
    return this.services[kind].map(({ url }) => url);
  }

  get processes(): readonly RunningProcess[] {
    return this.all.map(({ name, pid }) => ({ name, pid }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((service) => service.stop()));
    const { machine, namespace } = this.surroundings;
    await dropNamespace(machine.amqpUrl, namespace);
    await this.store.drop();
  }

  private get all(): readonly Service[] {
    return programKinds.flatMap((kind) => this.services[kind]);
  }
}

const startAll = async (surroundings: Surroundings): Promise<Services> => {
  const { gateways, routers, workers } = surroundings.options;
  const start = (kind: ProgramKind, count: number): Promise<Service[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => Service.start(pulserProgram(kind, n + 1, surroundings))));
  const [gateway, router, worker] = await Promise.all([
    start('gateway', gateways),
    start('router', routers),
    start('worker', workers),
  ]);
  return { gateway, router, worker };
};
