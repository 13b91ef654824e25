// Draws pictures in a process of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { entryPoint } from '@pulser/isolation';

import type { Drawing, Picture } from './frame.policy.js';

interface Reply {
  readonly id: number;
  readonly drawing?: Drawing;
  readonly error?: Error;
}

const idleMs = 30_000;

/**
 * Draws pictures one after the other in a process: each takes 30 to 80 ms of CPU, and what makes the native code of resvg
 * abort ends the process around it, which must not be the agent's. It starts with the first picture, is replaced when it
 * dies, ends after 30 s without work, and does not keep the agent alive.
 */
export class Painter {
  private child: ChildProcess | undefined;
  private readonly jobs = new Map<number, PromiseWithResolvers<Drawing>>();
  private lastId = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly entry = entryPoint(import.meta.url, './paint.process')) {}

  /** @throws the signal's reason once it is aborted; an Error when the process dies meanwhile */
  async paint(picture: Picture, signal: AbortSignal): Promise<Drawing> {
    signal.throwIfAborted();
    const id = (this.lastId += 1);
    const job = Promise.withResolvers<Drawing>();
    const abort = (): void => {
      job.reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    this.jobs.set(id, job);
    this.hold().send({ id, picture }, (error) => {
      if (error !== null) job.reject(error);
    });
    return job.promise.finally(() => {
      signal.removeEventListener('abort', abort);
      this.jobs.delete(id);
      if (this.jobs.size === 0) this.release();
    });
  }

  /** Ends the process; a later picture starts another. */
  close(): void {
    clearTimeout(this.idle);
    const { child } = this;
    this.rejectAll(undefined);
    child?.kill('SIGKILL');
  }

  private hold(): ChildProcess {
    clearTimeout(this.idle);
    this.child ??= this.start();
    this.child.ref();
    this.child.channel?.ref();
    return this.child;
  }

  private release(): void {
    this.child?.unref();
    this.child?.channel?.unref();
    this.idle = setTimeout(() => {
      this.close();
    }, idleMs).unref();
  }

  private start(): ChildProcess {
    const { file, execArgv } = this.entry;
    const child = fork(file, {
      execArgv: ['--max-old-space-size=512', ...execArgv],
      env: {},
      // Bytes stay bytes.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (reply: Reply) => {
      this.settle(reply);
    });
    const ended = (cause: unknown): void => {
      if (this.child === child) this.rejectAll(cause);
    };
    child.on('error', ended);
    child.on('exit', (code, signal) => {
      ended(new Error(`It ended with ${signal ?? code}`));
    });
    return child;
  }

  private settle({ id, drawing, error }: Reply): void {
    const job = this.jobs.get(id);
    if (drawing === undefined) job?.reject(error);
    else job?.resolve(drawing);
  }

  private rejectAll(cause: unknown): void {
    this.child = undefined;
    for (const job of this.jobs.values()) job.reject(new Error('The process that draws charts ended', { cause }));
  }
}

/** The painter of this process. It keeps nothing between tasks, so all the agents of a process share it. */
export const sharedPainter = new Painter();
