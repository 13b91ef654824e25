// Runs what computes for long in processes, one for each order: the event loop of the agent stays free, and an aborted task
// ends at once, which a loop over numbers does not.
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

import { TaskError } from '@pulser/agent-runtime/skill';
import { entryPoint } from '@pulser/isolation';

import type { Computations, Kind, Reply } from './computation.js';

/** Megabytes of a process's heap: twenty thousand values and a report of 200 pages take a fifth. */
const heapMb = 512;

const deathOf = (code: number | null, by: NodeJS.Signals | null): Error =>
  by === 'SIGABRT' || by === 'SIGKILL'
    ? new TaskError('resource_limit', 'The computation needs more memory than a task may use')
    : new Error(`The process that computes ended with ${by ?? code}`);

const start = (): ChildProcess => {
  const { file, execArgv } = entryPoint(import.meta.url, './computation.process');
  return fork(file, {
    execArgv: [`--max-old-space-size=${heapMb}`, ...execArgv],
    env: {},
    // Bytes stay bytes.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
};

const ask = async <K extends Kind>(kind: K, job: Computations[K]['job'], signal: AbortSignal): Promise<Reply<K>> => {
  signal.throwIfAborted();
  const child = start();
  const { promise, resolve, reject } = Promise.withResolvers<Reply<K>>();
  const abort = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort);
  child.once('message', (reply) => {
    resolve(reply as Reply<K>);
  });
  child.once('error', reject);
  child.once('exit', (code, by) => {
    reject(deathOf(code, by));
  });
  child.send({ kind, job }, (error) => {
    if (error !== null) reject(error);
  });
  return promise.finally(() => {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  });
};

/** A few orders at a time; others wait in the order of their arrival. */
export class Computer {
  private readonly waiting = new Set<() => void>();

  constructor(private free = Math.min(2, availableParallelism())) {}

  /** @throws TaskError `resource_limit`; the signal's reason, at once, when it is aborted */
  async run<K extends Kind>(
    kind: K,
    job: Computations[K]['job'],
    signal: AbortSignal,
  ): Promise<Computations[K]['answer']> {
    await this.turn(signal);
    try {
      const reply = await ask(kind, job, signal);
      if ('answer' in reply) return reply.answer;
      throw new Error(`The computation failed: ${reply.failure}`);
    } finally {
      this.next();
    }
  }

  private async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.free > 0) {
      this.free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const enter = (): void => {
      resolve(undefined);
    };
    const leave = (): void => {
      this.waiting.delete(enter);
      reject(signal.reason as Error);
    };
    this.waiting.add(enter);
    signal.addEventListener('abort', leave);
    await promise.finally(() => {
      signal.removeEventListener('abort', leave);
    });
  }

  private next(): void {
    const [enter] = this.waiting;
    if (enter === undefined) {
      this.free += 1;
      return;
    }
    this.waiting.delete(enter);
    enter();
  }
}

/** The one of this process: its orders keep nothing. */
export const sharedComputer = new Computer();
