// Server-sent events of one task (https://html.spec.whatwg.org/multipage/server-sent-events.html): frames, the text of one
// stream, and all such streams that clients have open.
import { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';
import { type EventPage, type NumberedEvent, TaskEventLog } from '@pulser/context-bus';
import { DatabaseUnavailable } from '@pulser/database';
import { Metrics } from '@pulser/service-kit';
import type { FastifyReply } from 'fastify';

import { GatewayEnv } from '../gateway.env.js';
import { notFound } from '../rest/parameters.js';
import { OpenStreams } from './open-streams.js';
import { TaskNotifier, Wakeup } from './task-notifier.js';

const reconnectMs = 2_000;

/** After how long a client that lost the stream reconnects. Sent first, so that the headers leave at once. */
export const retryFrame = `retry: ${reconnectMs}\n\n`;

/** A comment, so that no proxy between here and the client takes the connection for dead. */
export const heartbeatFrame = ': heartbeat\n\n';

/** The last frame: a client that got it need not come back. */
export const endFrame = 'event: end\ndata: {}\n\n';

// JSON has no line breaks outside of its escapes, so the data is one line.
export const eventFrame = ({ seq, event }: NumberedEvent): string =>
  `id: ${seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const maxDigits = 15;
const number = new RegExp(`^\\d{1,${maxDigits}}$`);

/** The number behind an event id that a client sent back: -1 for none, undefined when no event can have this id. */
export const lastSeen = (given: unknown): number | undefined => {
  if (given === undefined || given === '') return -1;
  return typeof given === 'string' && number.test(given) ? Number(given) : undefined;
};

/** Milliseconds after which events are read without a wake-up: its message may be lost. */
const pollEveryMs = 2_000;

interface EventStreamOptions {
  /** The events after a number; undefined when the task is gone. */
  readonly read: (afterSeq: number) => Promise<EventPage | undefined>;
  readonly afterSeq: number;
  /** Milliseconds without a frame after which a comment is sent. */
  readonly heartbeatMs: number;
}

/** The events of one task as the text of a stream, from a number on until none can follow. */
class EventStream {
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
      // A page may be full: only an empty one shows that there is nothing more for now.
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

const nothingYet: EventPage = { events: [], complete: false };

/** Which events, of which task. */
export interface EventsWanted {
  readonly tenantId: string;
  readonly taskId: string;
  /** Number of the last event seen, -1 for none. */
  readonly afterSeq: number;
}

/** The event streams of single tasks that clients have open. */
@Injectable()
export class EventStreams {
  private open = 0;
  private readonly openStreams;

  constructor(
    private readonly events: TaskEventLog,
    private readonly notifier: TaskNotifier,
    private readonly env: GatewayEnv,
    private readonly streams: OpenStreams,
    metrics: Metrics,
  ) {
    this.openStreams = metrics.gauge({ name: 'pulser_event_streams', help: 'Event streams of tasks that are open' });
  }

  /** Text of server-sent events, until the connection of `reply` is closed. @throws HttpError `not_found` */
  async start(wanted: EventsWanted, reply: FastifyReply): Promise<Readable> {
    const { tenantId, taskId, afterSeq } = wanted;
    if ((await this.events.after(tenantId, taskId, afterSeq)) === undefined) throw notFound('task');
    const stream = new EventStream({
      read: (seq) => this.read({ ...wanted, afterSeq: seq }),
      afterSeq,
      heartbeatMs: this.env.EVENT_STREAM_HEARTBEAT_S * 1_000,
    });
    const unsubscribe = await this.notifier.subscribeToAll(taskId, () => {
      stream.wake();
    });
    this.count(1);
    this.streams.keep(reply, {
      stop: () => {
        stream.stop();
      },
      closed: () => {
        unsubscribe();
        this.count(-1);
      },
    });
    return Readable.from(stream.frames(), { objectMode: false });
  }

  private count(change: 1 | -1): void {
    this.open += change;
    this.openStreams.set(this.open);
  }

  // The status is sent already, so an outage of the database cannot be answered: the stream goes on after it.
  private async read({ tenantId, taskId, afterSeq }: EventsWanted): Promise<EventPage | undefined> {
    try {
      return await this.events.after(tenantId, taskId, afterSeq);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return nothingYet;
      throw error;
    }
  }
}
