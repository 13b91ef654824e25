import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';

import { skillErrors } from '@pulser/agent-runtime/skill';
import { entryPoint } from '@pulser/isolation';

import { type Answer, type Job, type Rows, tooMuchMemory, type Work, type WorkDone } from './inside/job/job.js';

// The outside of the sandboxes: a few child processes, one query each at a time.

/** How a query fails because of its payload. Both are permanent: the same SQL on the same data fails again. */
export const queryErrors = skillErrors({
  query_failed: { permanent: true },
  source_unreadable: { permanent: true },
});

// Each uses one core and up to half a gigabyte.
const defaultCount = Math.min(4, availableParallelism());

/** A few sandboxes, started when they are needed. Jobs beyond their number wait in order of arrival. */
export class Sandboxes {
  private readonly idle: Sandbox[] = [];
  private readonly waiting = new Set<() => void>();
  private free: number;

  constructor(count = defaultCount) {
    this.free = count;
  }

  /** Runs one statement. Throws as {@link Sandbox.run} does; an aborted job leaves the queue too. */
  async run(job: Job, signal: AbortSignal): Promise<Rows> {
    const answer = await this.answered(job, signal);
    if (answer.kind !== 'rows') throw new TypeError('The sandbox answered another order');
    return answer.rows;
  }

  /** Runs several statements, or writes files. Throws as {@link Sandbox.run} does. */
  async work(work: Work, signal: AbortSignal): Promise<WorkDone> {
    const answer = await this.answered(work, signal);
    if (answer.kind !== 'done') throw new TypeError('The sandbox answered another order');
    return answer.done;
  }

  private async answered(job: Job | Work, signal: AbortSignal): Promise<Success> {
    await this.turn(signal);
    const sandbox = this.take();
    try {
      return await sandbox.run(job, signal);
    } finally {
      this.giveBack(sandbox);
    }
  }

  /** Kills the idle processes. */
  close(): void {
    for (const sandbox of this.idle.splice(0)) sandbox.close();
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

  private take(): Sandbox {
    const sandbox = this.idle.pop();
    if (sandbox === undefined) return new Sandbox();
    return sandbox.usable ? sandbox : this.take();
  }

  private giveBack(sandbox: Sandbox): void {
    if (sandbox.usable) this.idle.push(sandbox);
    const [next] = this.waiting;
    if (next === undefined) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}

/** The sandboxes of this process. They keep nothing between tasks, so all the agents of a process share them. */
export const sharedSandboxes = new Sandboxes();

// A process that grew beyond this keeps the pages; a new process leaves the next query its full memory.
const retireBytes = 256 * 1_048_576;
const idleMs = 30_000;

type Success = Extract<Answer, { readonly kind: 'rows' | 'done' }>;

const read = (answer: Answer): Success => {
  if (answer.kind === 'rows' || answer.kind === 'done') return answer;
  if (answer.kind === 'broken') throw new Error(`The query process failed: ${answer.message}`);
  const { code, message, details } = answer.failure;
  throw queryErrors.error(code, message, { details });
};

/**
 * A process that runs one query at a time, each in a database of its own. It is a process because SQL can take more
 * memory than DuckDB's limit and can ignore DuckDB's interrupt: both end with the process, not with the agent. Its
 * environment is empty, so there is no secret in it either. It ends by itself when the agent ends or leaves it idle.
 */
export class Sandbox {
  private readonly child: ChildProcess;
  private idle: NodeJS.Timeout | undefined;

  constructor() {
    const { file, execArgv } = entryPoint(import.meta.url, './sandbox.process');
    // No output: SQL can make DuckDB write to it, between the log lines of the agent.
    // Without the accessor `__proto__`, which DuckDB's client would set: a field of that name is a field like any other.
    const options = ['--disable-proto=delete', '--expose-gc', ...execArgv];
    this.child = fork(file, { execArgv: options, env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    // A failed start or send is reported to the job by its own listeners.
    this.child.on('error', () => {
      this.close();
    });
  }

  get usable(): boolean {
    return this.child.pid !== undefined && this.child.connected && !this.child.killed;
  }

  /** @throws TaskError for a fault of the query; the signal's reason, at once, when it is aborted */
  async run(job: Job | Work, signal: AbortSignal): Promise<Success> {
    signal.throwIfAborted();
    this.hold();
    try {
      const answer = await this.ask(job, signal);
      if (answer.rssBytes > retireBytes) this.close();
      return read(answer);
    } finally {
      this.release();
    }
  }

  /** Kills the process: also the only sure way to end a query. */
  close(): void {
    clearTimeout(this.idle);
    this.child.kill('SIGKILL');
  }

  private ask(job: Job | Work, signal: AbortSignal): Promise<Answer> {
    const over = new AbortController();
    return new Promise<Answer>((resolve, reject) => {
      const abort = (): void => {
        this.close();
        reject(signal.reason as Error);
      };
      const exit = (code: number | null, by: NodeJS.Signals | null): void => {
        reject(deathOf(code, by));
      };
      signal.addEventListener('abort', abort, { signal: over.signal });
      this.child.once('message', resolve).once('exit', exit);
      over.signal.addEventListener('abort', () => this.child.off('message', resolve).off('exit', exit));
      this.child.send(job, (error) => {
        if (error !== null) reject(error);
      });
    }).finally(() => {
      over.abort();
    });
  }

  private hold(): void {
    clearTimeout(this.idle);
    this.child.ref();
    this.child.channel?.ref();
  }

  /** An idle process keeps neither the agent nor a test alive. */
  private release(): void {
    this.child.unref();
    this.child.channel?.unref();
    if (!this.usable) return;
    this.idle = setTimeout(() => {
      this.close();
    }, idleMs).unref();
  }
}

const crashes = new Set<NodeJS.Signals>(['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGTRAP']);

/** The error of the job that a sandbox was working on when its process ended. */
export const deathOf = (code: number | null, signal: NodeJS.Signals | null): Error => {
  // Sent by its own memory watch or by the kernel: nothing else kills a working sandbox.
  if (signal === 'SIGKILL') return queryErrors.error('resource_limit', tooMuchMemory('The query'));
  // The process does nothing but the query, so another attempt would crash it too.
  if (signal !== null && crashes.has(signal)) {
    return queryErrors.error('query_failed', `The query makes DuckDB crash (${signal})`);
  }
  return new Error(`The query process ended with ${signal ?? code}`);
};
