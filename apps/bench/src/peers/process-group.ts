import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { isAlive } from '@pulser/harness';

export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Gets its output. It has started when this says so. */
  readonly logFile: string;
}

const patienceMs = 60_000;
const pauseMs = 50;
const readyLine = /\bready\b/i;

const running = new Set<ProcessGroup>();

// Groups of their own get no signal of the terminal: whatever ends the benchmark, they must not stay behind.
process.once('exit', () => {
  for (const group of running) group.kill();
});

/** A program and all processes that it starts, which end together. */
export class ProcessGroup {
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

  /** Resolves when its log says that it is ready. @throws when it ends, or is not in time */
  static async start(command: Command): Promise<ProcessGroup> {
    const group = new ProcessGroup(command);
    running.add(group);
    const deadline = performance.now() + patienceMs;
    while (isAlive(group.child) && performance.now() < deadline) {
      if (readyLine.test(readFileSync(command.logFile, 'utf8'))) return group;
      await wait(pauseMs);
    }
    await group.end();
    throw new Error(`a program of the peers did not start: see ${command.logFile}`);
  }

  /** Of the program itself. @throws when it has not started at all */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the program could not be started');
    return this.child.pid;
  }

  /** @throws when the program is gone without being asked to */
  async stop(): Promise<void> {
    const wasAlive = isAlive(this.child);
    await this.end();
    if (!wasAlive) throw new Error(`a program of the peers ended by itself: see ${this.logFile}`);
  }

  // At once: nothing that it keeps is wanted any more.
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
