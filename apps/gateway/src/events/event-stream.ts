import type { EventPage } from '@pulser/context-bus';

import { Wakeup } from './wakeup.js';
import { endFrame, eventFrame, heartbeatFrame, retryFrame } from './frame.policy.js';

/** Events are looked for this often even when nobody rings: a message may be lost. Milliseconds. */
const lookEveryMs = 2_000;

export interface EventStreamOptions {
  /** The events after a number; undefined when the task is gone. */
  readonly read: (afterSeq: number) => Promise<EventPage | undefined>;
  readonly afterSeq: number;
  /** Milliseconds without a word after which a comment is sent. */
  readonly heartbeatMs: number;
}

/** The events of one task as the text of a stream, from a number on until none can follow. */
export class EventStream {
  private readonly bell = new Wakeup();
  private afterSeq: number;
  private spokeAt = performance.now();
  private stopped = false;

  constructor(private readonly options: EventStreamOptions) {
    this.afterSeq = options.afterSeq;
  }

  /** There may be something new. */
  ring(): void {
    this.bell.ring();
  }

  /** Ends the text after what is being sent. */
  stop(): void {
    this.stopped = true;
    this.ring();
  }

  async *frames(): AsyncGenerator<string, void> {
    yield retryFrame;
    while (!this.stopped) {
      const page = await this.options.read(this.afterSeq);
      if (page !== undefined) yield* this.eventsOf(page);
      if (page === undefined || page.complete) {
        yield endFrame;
        return;
      }
      // A page may be full: only an empty one says that there is nothing more for now.
      if (page.events.length === 0) yield* this.quietMoment();
    }
  }

  private *eventsOf({ events }: EventPage): Generator<string, void> {
    for (const event of events) {
      // A client that reads slowly may be far behind when the service stops.
      if (this.stopped) return;
      yield this.spoken(eventFrame(event));
      this.afterSeq = event.seq;
    }
  }

  private async *quietMoment(): AsyncGenerator<string, void> {
    const silentMs = performance.now() - this.spokeAt;
    if (silentMs >= this.options.heartbeatMs) yield this.spoken(heartbeatFrame);
    await this.bell.sleep(Math.min(lookEveryMs, this.options.heartbeatMs));
  }

  private spoken(frame: string): string {
    this.spokeAt = performance.now();
    return frame;
  }
}
