import type { OnApplicationShutdown } from '@nestjs/common';

import { HandlerThread } from './handler-thread.js';

/** Milliseconds after which a thread that has nothing to do gives its memory back. */
const idleMs = 30_000;

export interface HandlerThreadPoolOptions {
  /** Threads at most; attempts beyond wait for one. */
  readonly maxThreads: number;
  /** Megabytes of JavaScript objects that a handler may hold in its thread. */
  readonly memoryMb: number;
}

/**
 * Threads that run handlers, one attempt at a time each. They are made on demand, kept while their handlers end, and ended
 * with a handler that ignores its abort. All agents of a process may share one pool (SharedResources): its owner closes it
 * when they have stopped.
 */
export class HandlerThreadPool {
  private readonly threads = new Set<HandlerThread>();
  // The one that ran last runs next, so that the others may end.
  private readonly idle: HandlerThread[] = [];
  private readonly idleTimers = new Map<HandlerThread, NodeJS.Timeout>();
  private readonly waiting = new Set<PromiseWithResolvers<HandlerThread>>();
  private onSize: ((threads: number) => void) | undefined;
  private closed = false;

  constructor(private readonly options: HandlerThreadPoolOptions) {}

  /** Threads there are, those that are about to end included. */
  get size(): number {
    return this.threads.size;
  }

  /** Reports the size after every change. Of agents that share the pool only the first reports it, so that sums are right. */
  reportSize(onSize: (threads: number) => void): void {
    this.onSize ??= onSize;
  }

  /**
   * A thread for one attempt, to be given back; first come, first served.
   * @throws the signal's reason when it is aborted before there is a thread; Error when none can be made
   */
  async take(signal: AbortSignal): Promise<HandlerThread> {
    const thread = this.idleOne();
    if (thread !== undefined) return thread;
    return this.threads.size < this.options.maxThreads ? this.another() : this.turn(signal);
  }

  giveBack(thread: HandlerThread): void {
    if (!thread.usable) return;
    const next = this.nextInLine();
    if (next !== undefined) {
      next.resolve(thread);
      return;
    }
    this.idle.push(thread);
    const timer = this.idleTimers.get(thread);
    if (timer === undefined) this.idleTimers.set(thread, this.timerFor(thread));
    else timer.refresh();
  }

  /** Ends every thread, whatever it does. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { reject } of this.waiting) reject(new Error('The pool of threads is closed'));
    this.waiting.clear();
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private idleOne(): HandlerThread | undefined {
    for (let thread = this.idle.pop(); thread !== undefined; thread = this.idle.pop()) {
      if (thread.usable) return thread;
    }
    return undefined;
  }

  /** @throws Error when the system has no room for another thread, or the pool is closed */
  private another(): HandlerThread {
    if (this.closed) throw new Error('The pool of threads is closed');
    const { memoryMb } = this.options;
    const onExit = (ended: HandlerThread): void => {
      this.forget(ended);
    };
    const thread = new HandlerThread({ memoryMb, onExit });
    this.threads.add(thread);
    this.onSize?.(this.threads.size);
    return thread;
  }

  private async turn(signal: AbortSignal): Promise<HandlerThread> {
    const turn = Promise.withResolvers<HandlerThread>();
    const giveUp = (): void => {
      this.waiting.delete(turn);
      turn.reject(signal.reason as Error);
    };
    if (signal.aborted) giveUp();
    else this.waiting.add(turn);
    signal.addEventListener('abort', giveUp);
    return turn.promise.finally(() => {
      signal.removeEventListener('abort', giveUp);
    });
  }

  private nextInLine(): PromiseWithResolvers<HandlerThread> | undefined {
    const [next] = this.waiting;
    if (next !== undefined) this.waiting.delete(next);
    return next;
  }

  private forget(thread: HandlerThread): void {
    clearTimeout(this.idleTimers.get(thread));
    this.idleTimers.delete(thread);
    this.threads.delete(thread);
    this.onSize?.(this.threads.size);
    const next = this.nextInLine();
    if (next === undefined) return;
    try {
      next.resolve(this.another());
    } catch (error) {
      next.reject(error);
    }
  }

  private timerFor(thread: HandlerThread): NodeJS.Timeout {
    return setTimeout(() => {
      const at = this.idle.indexOf(thread);
      // At work: giving it back starts the time anew.
      if (at === -1) return;
      this.idle.splice(at, 1);
      void thread.end();
    }, idleMs).unref();
  }
}

/** The pool of one agent alone, which ends with its service. */
export class OwnHandlerThreadPool extends HandlerThreadPool implements OnApplicationShutdown {
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
