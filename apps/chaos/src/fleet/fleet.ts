// Pulser's processes in a run: each behind TCP proxies of its own, restarted when it ends without being asked to.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { answers, end, freePort, isAlive, launch, type Random, type Servers, untilAnswers } from '@pulser/harness';
import { agents } from '@pulser/roster';

import { silentOrigin } from '../load/agent-work.js';
import { TcpProxy } from './tcp-proxy.js';

/**
 * `worker`: the agent of a run, whose effects are counted; `conductor`: the one that advances runs of workflows; `agent`:
 * another one that comes with Pulser; `coordinator`: that of MCP servers.
 */
export type ServiceKind = 'gateway' | 'router' | 'health' | 'worker' | 'conductor' | 'agent' | 'coordinator';

/** What runs as a process of its own. */
export interface Program {
  readonly kind: ServiceKind;
  readonly name: string;
  readonly main: string;
  readonly login: 'pulser_app' | 'pulser_service';
}

/** So many processes of a program, named by number. */
export const replicas = (count: number, { name, ...program }: Program): Program[] =>
  Array.from({ length: count }, (_, n) => ({ ...program, name: `${name}-${n + 1}` }));

/** What a run of chaos starts. */
export const allPrograms: readonly Program[] = [
  ...replicas(2, { kind: 'gateway', name: 'gateway', main: 'apps/gateway/dist/main.js', login: 'pulser_app' }),
  ...replicas(2, { kind: 'router', name: 'router', main: 'apps/router/dist/main.js', login: 'pulser_service' }),
  ...replicas(2, { kind: 'health', name: 'health', main: 'apps/health/dist/main.js', login: 'pulser_service' }),
  ...replicas(3, { kind: 'worker', name: 'worker', main: 'apps/chaos/dist/worker/main.js', login: 'pulser_service' }),
  ...replicas(2, {
    kind: 'conductor',
    name: 'conductor',
    main: 'apps/agents/pulser/dist/main.js',
    login: 'pulser_service',
  }),
  ...replicas(2, {
    kind: 'coordinator',
    name: 'mcp-coordinator',
    main: 'apps/mcp-coordinator/dist/main.js',
    login: 'pulser_service',
  }),
  ...agents.flatMap((row) =>
    'folder' in row && row.name !== 'pulser'
      ? [
          {
            kind: 'agent',
            name: `agent-${row.name}`,
            main: `${row.folder}/dist/main.js`,
            login: 'pulser_service',
          } as const,
        ]
      : [],
  ),
];

export type Variables = Readonly<Record<string, string>>;

interface ServiceSettings {
  readonly program: Program;
  readonly port: number;
  readonly logFile: string;
  readonly variables: Variables;
}

/** The end of a process that was not asked to end. */
export interface UnaskedEnd {
  readonly service: ServiceProcess;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it had answered at /health before. */
  readonly hadStarted: boolean;
}

const restartDelayMs = 300;
const restartPatienceMs = 60_000;

/** One of Pulser's programs as a process; restarted, as by a supervisor, when it ends without being asked to. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private asked: ChildProcess | undefined;
  private wanted = false;
  private hasStarted = false;
  private readonly log: number;
  onUnaskedEnd: (end: UnaskedEnd) => void = () => undefined;

  constructor(private readonly settings: ServiceSettings) {
    this.log = openSync(settings.logFile, 'a');
  }

  get name(): string {
    return this.settings.program.name;
  }

  get kind(): ServiceKind {
    return this.settings.program.kind;
  }

  get logFile(): string {
    return this.settings.logFile;
  }

  get url(): string {
    return `http://127.0.0.1:${this.settings.port}`;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @param variables for this life of the process only */
  start(variables: Variables = {}): void {
    if (isAlive(this.child)) throw new Error(`${this.name} runs already`);
    this.wanted = true;
    this.hasStarted = false;
    const child = (this.child = launch({
      main: this.settings.program.main,
      preloads: preloads({ ...this.settings.variables, ...variables }),
      log: this.log,
      variables: { ...this.settings.variables, ...variables },
    }));
    child.once('exit', (code, signal) => {
      this.ended(child, variables, { code, signal });
    });
    void this.ready(restartPatienceMs);
  }

  /** Resolves when it answers at /health, or after `patienceMs`: its servers may be down. @returns whether it answers */
  async ready(patienceMs = 20_000): Promise<boolean> {
    const isReady = await untilAnswers(this.url, patienceMs);
    if (isReady) this.hasStarted = true;
    return isReady;
  }

  answers(): Promise<boolean> {
    return answers(this.url);
  }

  /** Ends it by a signal and resolves when it is gone. @returns its exit code */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.wanted = false;
    return isAlive(this.child) ? end(this.child, signal) : null;
  }

  /** Signals it without waiting; it is restarted when it ends. */
  ask(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.asked = this.child;
    this.child?.kill(signal);
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private ended(child: ChildProcess, variables: Variables, how: Pick<UnaskedEnd, 'code' | 'signal'>): void {
    if (child !== this.child || !this.wanted) return;
    // Asked in the middle of other faults it may exceed its shutdown limit, which its exit code says.
    if (child !== this.asked) this.onUnaskedEnd({ service: this, hadStarted: this.hasStarted, ...how });
    // Killed by the crash point in its variables: without it. Otherwise it could not even start: once more.
    const next = how.signal === 'SIGKILL' ? {} : variables;
    setTimeout(() => {
      if (child === this.child && this.wanted) this.start(next);
    }, restartDelayMs);
  }
}

/** A crash point is armed, and an agent broken from inside, by a module loaded before the program. */
const preloads = (variables: Variables): string[] => [
  ...('CHAOS_CRASH_AT' in variables ? ['./apps/chaos/dist/crash/preload.js'] : []),
  ...('DRILL_MODE_FILE' in variables ? ['./apps/chaos/dist/drill/preload.js'] : []),
];

/** Lease of the workers in seconds: short, so that the tasks of a frozen worker move on soon. */
export const leaseS = 8;

const startPatienceMs = 120_000;

/** A process and its connections to the servers. */
export interface Member {
  readonly service: ServiceProcess;
  readonly toDatabase: TcpProxy;
  readonly toBroker: TcpProxy;
}

export interface FleetOptions {
  readonly servers: Servers;
  /** Of the run's database, as the administrator. */
  readonly databaseUrl: string;
  /** Of the run's own agent. */
  readonly agentToken: string;
  readonly folder: string;
  readonly programs: readonly Program[];
  /** Of every program that asks models. */
  readonly modelVariables?: Variables;
  /** Configuration of the MCP servers of coordinators. */
  readonly toolServersFile?: string;
  /** Beyond those that every run sets. */
  readonly variablesOf?: (program: Program) => Variables;
}

/** All of Pulser's processes in a run. */
export class Fleet {
  private readonly borrowed = new Set<Member>();

  private constructor(readonly members: readonly Member[]) {}

  static async make(options: FleetOptions): Promise<Fleet> {
    const settings = { ...options, secretsKey: randomBytes(32).toString('base64') };
    return new Fleet(await Promise.all(options.programs.map((program) => makeMember(program, settings))));
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

  /** Runs `work` with a process that no other fault has borrowed; waits until there is one. */
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

  /** @throws when one does not answer in time: such a run proves nothing */
  async start(): Promise<void> {
    for (const { service } of this.members) service.start();
    const ready = await Promise.all(this.members.map(({ service }) => service.ready(startPatienceMs)));
    if (!ready.includes(false)) return;
    await this.stop();
    throw new Error('not every process of Pulser has started: see the logs');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ service }) => service.end('SIGTERM')));
    await Promise.all(this.members.flatMap(({ toBroker, toDatabase }) => [toBroker.close(), toDatabase.close()]));
  }
}

/** Set for a run with the other type of queues; the services check it. */
const { DISPATCH_QUEUE: dispatchQueue } = process.env;

const endpoint = (url: string): { host: string; port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};

/** Settings beyond those of every service. */
const ownVariables = (
  { kind }: Program,
  {
    databaseUrl,
    agentToken,
    secretsKey,
    modelVariables,
    toolServersFile,
  }: FleetOptions & { readonly secretsKey: string },
): Variables => {
  const lease = { LEASE_S: String(leaseS) };
  switch (kind) {
    case 'gateway':
      return { SECRETS_KEY: secretsKey };
    case 'agent':
    case 'conductor':
      return { ...lease, CONCURRENCY: '2', OUTGOING_ORIGINS: silentOrigin, ...modelVariables };
    case 'worker':
      return { ...lease, CONCURRENCY: '8', CHAOS_OUTSIDE_URL: databaseUrl, AGENT_TOKEN: agentToken };
    case 'coordinator':
      return {
        SECRETS_KEY: secretsKey,
        MCP_SERVERS_MODE: 'off',
        MCP_DRAIN_S: '2',
        // Nobody asks for tools by their words: no model for that is loaded at each start.
        EMBEDDING_URL: silentOrigin,
        ...(toolServersFile !== undefined && { MCP_CONFIG_FILE: toolServersFile }),
      };
    case 'router':
    case 'health':
      return {};
  }
};

const makeMember = async (
  program: Program,
  options: FleetOptions & { readonly secretsKey: string },
): Promise<Member> => {
  const { servers, databaseUrl, folder } = options;
  const [toDatabase, toBroker, port] = await Promise.all([
    TcpProxy.to(endpoint(databaseUrl)),
    TcpProxy.to(endpoint(servers.amqpUrl)),
    freePort(),
  ]);
  const login = new URL(toDatabase.instead(databaseUrl));
  login.username = program.login;
  const variables = {
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    DATABASE_URL: login.href,
    AMQP_URL: toBroker.instead(servers.amqpUrl),
    ...(dispatchQueue !== undefined && { DISPATCH_QUEUE: dispatchQueue }),
    SHUTDOWN_TIMEOUT_S: '5',
    ...ownVariables(program, options),
    ...options.variablesOf?.(program),
  };
  const logFile = join(folder, `${program.name}.log`);
  const service = new ServiceProcess({ program, port, logFile, variables });
  return { service, toDatabase, toBroker };
};
