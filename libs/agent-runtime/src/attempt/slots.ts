import { Injectable } from '@nestjs/common';

import { AgentEnv } from '../agent/agent.env.js';

/**
 * The slots for attempts on this worker. The broker's prefetch alone does not keep their number: after a broken
 * connection it delivers again what still runs here.
 */
@Injectable()
export class Slots {
  private inUse = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly env: AgentEnv) {}

  get total(): number {
    return this.env.CONCURRENCY;
  }

  get taken(): number {
    return this.inUse;
  }

  /** Does the work as soon as there is room for it, first come, first served. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.inUse >= this.total) await this.turn();
    else this.inUse += 1;
    try {
      return await work();
    } finally {
      this.free();
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  // A freed slot is handed directly to the first that waits for it.
  private free(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.inUse -= 1;
    else next();
  }
}
