import { availableParallelism } from 'node:os';

import type { Job, Rows } from './job.js';
import { Sandbox } from './sandbox.js';

// Each takes one core, and up to half a gigabyte for a greedy query.
const usualCount = Math.min(4, availableParallelism());

/** A few sandboxes, started when they are needed. Jobs beyond their number wait in order of arrival. */
export class Sandboxes {
  private readonly idle: Sandbox[] = [];
  private readonly waiting = new Set<() => void>();
  private free: number;

  constructor(count = usualCount) {
    this.free = count;
  }

  /** As {@link Sandbox.run}; an aborted job leaves the queue too. */
  async run(job: Job, signal: AbortSignal): Promise<Rows> {
    await this.turn(signal);
    const sandbox = this.take();
    try {
      return await sandbox.run(job, signal);
    } finally {
      this.giveBack(sandbox);
    }
  }

  /** Kills them all, whatever they do. */
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
