// Server-sent events of tasks (https://html.spec.whatwg.org/multipage/server-sent-events.html): frames, the text of one
// stream, and all streams that clients have open.
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { withTimeLimit } from '@pulser/concurrency';
import { type EventPage, type NumberedEvent, TaskEventLog } from '@pulser/context-bus';
import { DatabaseUnavailable } from '@pulser/database';
import { Metrics } from '@pulser/service-kit';

import { GatewayEnv } from '../gateway.env.js';
import { notFound } from '../rest/parameters.js';
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

/** How long clients get at a shutdown to read what is on its way to them, in milliseconds. */
const farewellMs = 1_000;

const nothingYet: EventPage = { events: [], complete: false };

/** Which events, of which task. */
export interface EventsWanted {
  readonly tenantId: string;
  readonly taskId: string;
  /** Number of the last event seen, -1 for none. */
  readonly afterSeq: number;
}

interface OpenStream {
  readonly stream: EventStream;
  readonly response: ServerResponse;
  readonly closed: Promise<undefined>;
}

/** The event streams that clients have open. */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly open = new Set<OpenStream>();
  private readonly openStreams;
  private closing = false;

  constructor(
    private readonly events: TaskEventLog,
    private readonly notifier: TaskNotifier,
    private readonly env: GatewayEnv,
    metrics: Metrics,
  ) {
    this.openStreams = metrics.gauge({ name: 'pulser_event_streams', help: 'Event streams that are open' });
  }

  /** Text of server-sent events, until `response` is closed. @throws HttpError `not_found` */
  async start(wanted: EventsWanted, response: ServerResponse): Promise<Readable> {
    const { tenantId, taskId, afterSeq } = wanted;
    if ((await this.events.after(tenantId, taskId, afterSeq)) === undefined) throw notFound('task');
    const stream = new EventStream({
      read: (seq) => this.read({ ...wanted, afterSeq: seq }),
      afterSeq,
      heartbeatMs: this.env.EVENT_STREAM_HEARTBEAT_S * 1_000,
    });
    const unsubscribe = await this.notifier.subscribe(taskId, () => {
      stream.wake();
    });
    this.keep(stream, response, unsubscribe);
    return Readable.from(stream.frames(), { objectMode: false });
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    for (const { stream } of this.open) stream.stop();
    const closed = Promise.all([...this.open].map((open) => open.closed));
    await withTimeLimit(closed, farewellMs).catch(() => undefined);
    // A client that does not read would hold up the shutdown without end.
    for (const { response } of this.open) response.destroy();
  }

  private keep(stream: EventStream, response: ServerResponse, unsubscribe: () => void): void {
    const { promise: closed, resolve } = Promise.withResolvers<undefined>();
    const open = { stream, response, closed };
    this.open.add(open);
    this.openStreams.set(this.open.size);
    const forget = (): void => {
      unsubscribe();
      stream.stop();
      this.open.delete(open);
      this.openStreams.set(this.open.size);
      resolve(undefined);
    };
    response.once('close', forget);
    if (response.closed) forget();
    else if (this.closing) response.destroy();
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
