// How many calls a server has at a time, and how many wait: one that hangs must not hold all that the coordinator has.
import { Injectable } from '@nestjs/common';

import { CallFailure } from './call-failure.js';

export interface PlaceLimits {
  /** Calls of one server at a time. */
  readonly running: number;
  /** Calls that may wait for a place; those beyond are refused. */
  readonly waiting: number;
}

export const usualPlaces: PlaceLimits = { running: 16, waiting: 256 };

interface Waiter {
  readonly begin: () => void;
}

class Places {
  private running = 0;
  private readonly waiters = new Set<Waiter>();

  constructor(
    private readonly server: string,
    private readonly limits: PlaceLimits,
  ) {}

  async take(signal: AbortSignal): Promise<void> {
    if (this.running < this.limits.running) {
      this.running += 1;
      return;
    }
    if (this.waiters.size >= this.limits.waiting)
      throw new CallFailure('rate_limited', `Too many calls of ${this.server} wait`, { retryAfterS: 1 });
    await this.turn(signal);
  }

  release(): void {
    const [next] = this.waiters;
    if (next === undefined) {
      this.running -= 1;
      return;
    }
    // The place goes on to the one that has waited longest.
    this.waiters.delete(next);
    next.begin();
  }

  private async turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter: Waiter = {
      begin: () => {
        resolve(undefined);
      },
    };
    const leave = (): void => {
      this.waiters.delete(waiter);
      reject(signal.reason);
    };
    this.waiters.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }
}

@Injectable()
export class ServerPlaces {
  private readonly byServer = new Map<string, Places>();

  constructor(private readonly limits: PlaceLimits) {}

  /** Runs a call when the server has a place for it. @throws CallFailure `rate_limited`; the reason of the signal */
  async run<T>(server: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const places = this.byServer.get(server) ?? new Places(server, this.limits);
    this.byServer.set(server, places);
    await places.take(signal);
    try {
      return await call();
    } finally {
      places.release();
    }
  }
}
