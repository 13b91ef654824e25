import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { withTimeLimit } from '@pulser/concurrency';
import { type EventPage, TaskEventLog } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { DatabaseUnavailable } from '@pulser/database';
import { Metrics } from '@pulser/service-kit';

import { GatewayEnv } from '../gateway.env.js';
import { EventStream } from './event-stream.js';
import { TaskNotifier } from './task-notifier.js';

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
    if ((await this.events.after(tenantId, taskId, afterSeq)) === undefined) throw new HttpError('not_found');
    const stream = new EventStream({
      read: (seq) => this.read({ ...wanted, afterSeq: seq }),
      afterSeq,
      heartbeatMs: this.env.EVENT_STREAM_HEARTBEAT_S * 1_000,
    });
    this.keep(taskId, stream, response);
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

  private keep(taskId: string, stream: EventStream, response: ServerResponse): void {
    const { promise: closed, resolve } = Promise.withResolvers<undefined>();
    const open = { stream, response, closed };
    const unsubscribe = this.notifier.subscribe(taskId, () => {
      stream.wake();
    });
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
