// Writes calls down after they have ended: together, in the background, and later when the database is away. What does not fit
// any more is counted.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { fullJitter } from '@pulser/concurrency';
import { type ToolCallRow, ToolCallLog } from '@pulser/context-bus';
import { DatabaseUnavailable } from '@pulser/database';
import { Logger, Metrics } from '@pulser/service-kit';

/** Calls that wait to be written. */
const maxWaiting = 10_000;
const maxBatch = 500;
/** Milliseconds that a call may wait for others. */
const gatherMs = 20;

@Injectable()
export class CallRecorder implements OnApplicationShutdown {
  private waiting: ToolCallRow[] = [];
  private writing: Promise<void> | undefined;
  private stopping = false;
  private readonly lost;

  constructor(
    private readonly log: ToolCallLog,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.lost = metrics.counter({
      name: 'pulser_tool_calls_unrecorded_total',
      help: 'Calls of tools that only read or were refused, and that are in no audit: the database was away for too long',
    });
  }

  add(row: ToolCallRow): void {
    if (this.waiting.length >= maxWaiting) {
      this.lost.inc();
      return;
    }
    this.waiting.push(row);
    this.writing ??= this.write().finally(() => (this.writing = undefined));
  }

  /** The end of a call that was written before it left: whoever repeats it at once must find it. */
  async addNow(row: ToolCallRow): Promise<void> {
    try {
      await this.log.record([row]);
    } catch {
      this.add(row);
    }
  }

  /** Resolves when everything so far is written or lost. */
  async flushed(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.flushed();
    if (this.waiting.length > 0) this.lost.inc(this.waiting.length);
  }

  private async write(): Promise<void> {
    for (let failures = 0; ;) {
      await new Promise((resolve) => setTimeout(resolve, failures === 0 ? gatherMs : fullJitter(failures)));
      const batch = this.waiting.slice(0, maxBatch);
      if (batch.length === 0) return;
      if (await this.written(batch, failures)) {
        this.waiting = this.waiting.slice(batch.length);
        failures = 0;
      } else if (this.stopping) return;
      else failures += 1;
    }
  }

  private async written(batch: readonly ToolCallRow[], failures: number): Promise<boolean> {
    try {
      // Two rows of one call in one statement would be refused: the last one counts.
      await this.log.record([...new Map(batch.map((row) => [`${row.tenantId} ${row.callId}`, row])).values()]);
      return true;
    } catch (err) {
      if (!(err instanceof DatabaseUnavailable)) {
        this.logger.error({ err, calls: batch.length }, 'calls of tools cannot be written down');
        this.lost.inc(batch.length);
        return true;
      }
      if (failures === 0)
        this.logger.warn({ err, calls: batch.length }, 'calls of tools could not be written down yet');
      return false;
    }
  }
}
