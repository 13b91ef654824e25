import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { Logger } from '../log/logger.js';

/** What a service does on a clock. A round that fails is logged, and the next one tries again. */
@Injectable()
export class Rounds implements OnApplicationShutdown {
  private readonly loops: Loop[] = [];

  constructor(private readonly logger: Logger) {}

  /**
   * Runs `round` until the service stops, never twice at once.
   * @param everyMs milliseconds from now to the first round, and from the end of a round to the next
   */
  every(everyMs: number, round: () => Promise<void>): void {
    const loop = new Loop(everyMs, round, (err) => {
      this.logger.warn({ err }, 'a round failed; the next one tries again');
    });
    this.loops.push(loop);
    loop.start();
  }

  /** Resolves when the rounds in progress have ended. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}
