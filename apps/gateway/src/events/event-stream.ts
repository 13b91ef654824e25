import type { EventPage } from '@pulser/context-bus';

import { endFrame, eventFrame, heartbeatFrame, retryFrame } from './server-sent-events.policy.js';
import { Wakeup } from './task-notifier.js';

/** Milliseconds after which events are read without a wake-up: its message may be lost. */
const pollEveryMs = 2_000;

export interface EventStreamOptions {
  /** The events after a number; undefined when the task is gone. */
  readonly read: (afterSeq: number) => Promise<EventPage | undefined>;
  readonly afterSeq: number;
  /** Milliseconds without a frame after which a comment is sent. */
  readonly heartbeatMs: number;
}

/** The events of one task as the text of a stream, from a number on until none can follow. */
export class EventStream {
  private readonly wakeup = new Wakeup();
  private afterSeq: number;
  private sentAt = performance.now();
  private stopped = false;

  constructor(private readonly options: EventStreamOptions) {
    this.afterSeq = options.afterSeq;
  }

  /** There may be new events. */
  wake(): void {
    this.wakeup.wake();
  }

  /** Ends the text after the frame that is being sent. */
  stop(): void {
    this.stopped = true;
    this.wake();
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
      if (page.events.length === 0) yield* this.pause();
    }
  }

  private *eventsOf({ events }: EventPage): Generator<string, void> {
    for (const event of events) {
      // A client that reads slowly may be far behind when the service stops.
      if (this.stopped) return;
      yield this.sent(eventFrame(event));
      this.afterSeq = event.seq;
    }
  }

  private async *pause(): AsyncGenerator<string, void> {
    const silentMs = performance.now() - this.sentAt;
    if (silentMs >= this.options.heartbeatMs) yield this.sent(heartbeatFrame);
    await this.wakeup.sleep(Math.min(pollEveryMs, this.options.heartbeatMs));
  }

  private sent(frame: string): string {
    this.sentAt = performance.now();
    return frame;
  }
}
