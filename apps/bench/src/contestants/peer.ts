// One start of a peer: its processes, its database and its HTTP front. Everything it creates ends with it.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Database, Statement } from '@pulser/database';
import { administer, freePort, isAlive, openAsAdministrator, runScript } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';
import { z } from 'zod';

import { taskBody } from '../load/blast.js';
import type { Machine, Running, RunningProcess } from '../load/contestant.js';

interface Command {
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Gets its output: the word `ready` in it says that the program has started. */
  readonly logFile: string;
}

const readyPatienceMs = 60_000;
const pauseMs = 50;
const readyLine = /\bready\b/i;

const running = new Set<ProcessGroup>();

// Process groups of their own get no signal of the terminal: they must end with the benchmark, however it ends.
process.once('exit', () => {
  for (const group of running) group.kill();
});

/** A program and all processes that it starts; they end together. */
class ProcessGroup {
  private readonly child: ChildProcess;
  private readonly logFile: string;

  private constructor({ argv: [program, ...args], variables, folder, logFile }: Command) {
    this.logFile = logFile;
    const log = openSync(logFile, 'w');
    this.child = spawn(program, args, {
      cwd: folder,
      env: variables,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child.once('error', () => undefined);
  }

  /** Resolves when it is ready. @throws when it ends before, or is not ready within 60 s */
  static async start(command: Command): Promise<ProcessGroup> {
    const group = new ProcessGroup(command);
    running.add(group);
    const deadline = performance.now() + readyPatienceMs;
    while (isAlive(group.child) && performance.now() < deadline) {
      if (readyLine.test(readFileSync(command.logFile, 'utf8'))) return group;
      await wait(pauseMs);
    }
    await group.end();
    throw new Error(`a program of the peers did not start: see ${command.logFile}`);
  }

  /** Of the program itself. @throws when it could not be spawned */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the program could not be started');
    return this.child.pid;
  }

  /** @throws when the program had ended by itself */
  async stop(): Promise<void> {
    const wasAlive = isAlive(this.child);
    await this.end();
    if (!wasAlive) throw new Error(`a program of the peers ended by itself: see ${this.logFile}`);
  }

  // By SIGKILL: its data is discarded anyway.
  private async end(): Promise<void> {
    const exit = isAlive(this.child) && this.child.pid !== undefined ? once(this.child, 'exit') : undefined;
    this.kill();
    await exit;
    running.delete(this);
  }

  kill(): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

const isGone = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';

const Accepted = z.object({ id: z.string() });
const Task = z.object({ status: z.string() });

/** The requests of a peer's front, which are the same for all peers. */
const taskHttp = (port: number): Pick<Running, 'submit' | 'read' | 'isFinished'> => {
  const tasks = `http://127.0.0.1:${port}/tasks`;
  return {
    submit: { url: tasks, method: 'POST', headers: { 'content-type': 'application/json' }, body: taskBody },
    read: (answer) => ({ url: `${tasks}/${Accepted.parse(JSON.parse(answer)).id}`, method: 'GET', headers: {} }),
    isFinished: (answer) => Task.parse(JSON.parse(answer)).status === 'completed',
  };
};

/** What differs between peers. */
interface Peer {
  /** Where its front listens. */
  readonly port: number;
  finished(): Promise<number>;
}

/** Everything that one start of a peer creates; ended as a whole, in reverse order. */
export class PeerRun {
  private readonly ends: (() => Promise<void>)[] = [];
  private readonly processes: RunningProcess[] = [];

  private constructor(
    readonly peerName: string,
    readonly machine: Machine,
  ) {}

  /** Starts a peer by `assemble`; when that throws, what it has created is ended. */
  static async of(peerName: string, machine: Machine, assemble: (run: PeerRun) => Promise<Peer>): Promise<Running> {
    const run = new PeerRun(peerName, machine);
    try {
      const peer = await assemble(run);
      return {
        ...taskHttp(peer.port),
        finished: () => peer.finished(),
        processes: run.processes,
        stop: () => run.stop(),
      };
    } catch (error) {
      // The first error is the one to report.
      await run.stop().catch(() => undefined);
      throw error;
    }
  }

  async start(name: string, command: Omit<Command, 'logFile'>): Promise<void> {
    const logFile = join(this.machine.folder, `${this.peerName}-${name}.log`);
    const group = await ProcessGroup.start({ ...command, logFile });
    this.atEnd(() => group.stop());
    this.processes.push({ name, pid: group.pid });
  }

  atEnd(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  private async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.ends.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new Error(`${this.peerName}: ${failures.map(messageOf).join('; ')}`);
  }
}

/** A database for one run of a peer. */
export class EmptyDatabase {
  private constructor(
    readonly url: string,
    private readonly database: Database,
  ) {}

  static async make(run: PeerRun): Promise<EmptyDatabase> {
    const serverUrl = run.machine.databaseUrl;
    const name = `bench_${randomBytes(4).toString('hex')}`;
    await administer(serverUrl, [`create database ${name}`]);
    run.atEnd(() => administer(serverUrl, [`drop database ${name} with (force)`]));
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const database = await openAsAdministrator(url.href, 1, 'bench-peer');
    run.atEnd(() => database.close());
    return new EmptyDatabase(url.href, database);
  }

  /** @param statement gives one row with the column `count` */
  async count(statement: Statement): Promise<number> {
    const [row] = await this.database.query<{ count: string }>(statement);
    if (row === undefined) throw new Error(`${statement.name} gave no row`);
    return Number(row.count);
  }
}

const Packages = z.object({
  /** Folder of the peers' programs for Node, with the packages that they import. */
  folder: z.string(),
});
type Packages = z.infer<typeof Packages>;

/** A peer on Node: one program, as `front`, which listens, and as `worker`; each is a process. */
export class NodePrograms {
  private packages: Packages | undefined;

  /** @param name of the program in `apps/bench/peers`, without `.mjs` */
  constructor(private readonly name: string) {}

  async install(): Promise<void> {
    this.packages ??= Packages.parse(JSON.parse(await runScript('peers.mjs', ['packages'])));
  }

  /** @returns the port of the front */
  async start(run: PeerRun, variables: Readonly<Record<string, string>>): Promise<number> {
    const port = await freePort();
    await this.program(run, 'front', { ...variables, PORT: String(port) });
    await this.program(run, 'worker', variables);
    return port;
  }

  private async program(run: PeerRun, role: string, variables: Readonly<Record<string, string>>): Promise<void> {
    if (this.packages === undefined) throw new Error(`${run.peerName} is not installed`);
    await run.start(role, {
      argv: [process.execPath, `${this.name}.mjs`, role],
      folder: this.packages.folder,
      variables: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...variables },
    });
  }
}
