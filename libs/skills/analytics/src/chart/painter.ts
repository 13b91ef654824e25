// Draws pictures in a thread of its own.
import { Worker } from 'node:worker_threads';

import { entryPoint } from '../entry-point.policy.js';
import type { Drawing, Picture } from './frame.policy.js';

interface Reply {
  readonly id: number;
  readonly drawing?: Drawing;
  readonly error?: Error;
}

const idleMs = 30_000;

/**
 * Draws pictures one after the other in a thread, because each takes 30 to 80 ms of CPU. The thread starts with the first
 * picture, is replaced when it dies, ends after 30 s without work, and keeps no process alive.
 */
export class Painter {
  private worker: Worker | undefined;
  private readonly jobs = new Map<number, PromiseWithResolvers<Drawing>>();
  private lastId = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly entry = entryPoint(import.meta.url, './paint.worker')) {}

  /** @throws the signal's reason once it is aborted; an Error when the thread dies meanwhile */
  async paint(picture: Picture, signal: AbortSignal): Promise<Drawing> {
    signal.throwIfAborted();
    const id = (this.lastId += 1);
    const job = Promise.withResolvers<Drawing>();
    const abort = (): void => {
      job.reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    this.jobs.set(id, job);
    this.hold().postMessage({ id, picture });
    return job.promise.finally(() => {
      signal.removeEventListener('abort', abort);
      this.jobs.delete(id);
      if (this.jobs.size === 0) this.release();
    });
  }

  /** Ends the thread; a later picture starts another. */
  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    this.rejectAll(undefined);
    await worker?.terminate();
  }

  private hold(): Worker {
    clearTimeout(this.idle);
    this.worker ??= this.start();
    this.worker.ref();
    return this.worker;
  }

  private release(): void {
    this.worker?.unref();
    this.idle = setTimeout(() => void this.close(), idleMs).unref();
  }

  private start(): Worker {
    const { file, execArgv } = this.entry;
    // A picture that needs more memory than this ends the thread, not the process.
    const worker = new Worker(file, { execArgv, resourceLimits: { maxOldGenerationSizeMb: 512 } });
    let cause: unknown;
    worker.on('message', (reply: Reply) => {
      this.settle(reply);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.worker === worker) this.rejectAll(cause);
    });
    return worker;
  }

  private settle({ id, drawing, error }: Reply): void {
    const job = this.jobs.get(id);
    if (drawing === undefined) job?.reject(error);
    else job?.resolve(drawing);
  }

  private rejectAll(cause: unknown): void {
    this.worker = undefined;
    for (const job of this.jobs.values()) job.reject(new Error('The thread that draws charts ended', { cause }));
  }
}
