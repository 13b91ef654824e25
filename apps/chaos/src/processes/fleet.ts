import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { freePort, type Random, type Servers } from '@pulser/harness';

import { TcpProxy } from '../proxy/tcp-proxy.js';
import { type ServiceKind, serviceKinds } from './service-kind.js';
import { ServiceProcess, type UnaskedEnd } from './service-process.js';

/** Seconds. Short, so that a frozen worker's tasks move on soon. */
export const leaseS = 8;

const startPatienceMs = 120_000;

const counts = { gateway: 2, router: 2, worker: 3 } as const satisfies Record<ServiceKind, number>;

/** A process and its own ways to the servers. */
export interface Member {
  readonly service: ServiceProcess;
  readonly toDatabase: TcpProxy;
  readonly toBroker: TcpProxy;
}

export interface FleetOptions {
  readonly servers: Servers;
  /** The run's database, as the administrator. */
  readonly databaseUrl: string;
  readonly folder: string;
}

/** All processes of Pulser in a run. */
export class Fleet {
  private readonly borrowed = new Set<Member>();

  private constructor(readonly members: readonly Member[]) {}

  static async make(options: FleetOptions): Promise<Fleet> {
    const names = Object.entries(counts).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, n) => [kind as ServiceKind, `${kind}-${n + 1}`] as const),
    );
    return new Fleet(await Promise.all(names.map(([kind, name]) => member(kind, name, options))));
  }

  onUnaskedEnd(listener: (end: UnaskedEnd) => void): void {
    for (const { service } of this.members) service.onUnaskedEnd = listener;
  }

  of(kind: ServiceKind): readonly Member[] {
    return this.members.filter(({ service }) => service.kind === kind);
  }

  any(random: Random): Member {
    return random.pick(this.members);
  }

  /** Does something to a process that nobody else is busy with; waits for one. */
  async borrow<T>(kinds: readonly ServiceKind[], random: Random, work: (member: Member) => Promise<T>): Promise<T> {
    const member = await this.free(kinds, random);
    this.borrowed.add(member);
    try {
      return await work(member);
    } finally {
      this.borrowed.delete(member);
    }
  }

  private async free(kinds: readonly ServiceKind[], random: Random): Promise<Member> {
    for (;;) {
      const free = kinds.flatMap((kind) => this.of(kind)).filter((one) => !this.borrowed.has(one));
      if (free.length > 0) return random.pick(free);
      await wait(50);
    }
  }

  /** @throws when one does not answer in time: nothing can be learnt from such a run */
  async start(): Promise<void> {
    for (const { service } of this.members) service.start();
    const ready = await Promise.all(this.members.map(({ service }) => service.ready(startPatienceMs)));
    if (ready.includes(false)) throw new Error('not every process of Pulser has started: see the logs');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ service }) => service.end('SIGTERM')));
    await Promise.all(this.members.flatMap(({ toBroker, toDatabase }) => [toBroker.close(), toDatabase.close()]));
  }
}

const endpoint = (url: string): { host: string; port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};

const member = async (kind: ServiceKind, name: string, options: FleetOptions): Promise<Member> => {
  const { servers, databaseUrl, folder } = options;
  const [toDatabase, toBroker, port] = await Promise.all([
    TcpProxy.to(endpoint(databaseUrl)),
    TcpProxy.to(endpoint(servers.amqpUrl)),
    freePort(),
  ]);
  const login = new URL(toDatabase.instead(databaseUrl));
  login.username = serviceKinds[kind].login;
  const variables = {
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    DATABASE_URL: login.href,
    AMQP_URL: toBroker.instead(servers.amqpUrl),
    SHUTDOWN_TIMEOUT_S: '5',
    ...(kind === 'worker' && { LEASE_S: String(leaseS), CONCURRENCY: '8', CHAOS_OUTSIDE_URL: databaseUrl }),
  };
  const service = new ServiceProcess({ name, kind, port, logFile: join(folder, `${name}.log`), variables });
  return { service, toDatabase, toBroker };
};
