import type { UpkeepStore } from './upkeep.store.js';

const intervalMs = 20_000;

/** A start after a crash replays this much in about a second. */
const checkpointBytes = 32 * 1_048_576;

/** PGlite has no background processes: without this the log grows for ever, and dead rows are never removed. */
export class Upkeep {
  private readonly timer: NodeJS.Timeout;
  private round = Promise.resolve();

  /** @param onFailure told of a round that failed; the next one tries again */
  constructor(
    private readonly store: UpkeepStore,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.tidy()).catch(this.onFailure);
    }, intervalMs);
  }

  /** Statement by statement, so that everybody else gets a turn in between. */
  async tidy(): Promise<void> {
    for (const table of await this.store.staleTables()) await this.store.vacuum(table);
    if ((await this.store.logBytes()) > checkpointBytes) await this.store.checkpoint();
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }
}
