// Responses that stay open. Each ends when its client goes, when its caller is not let in any more, or when the service
// stops.
import type { ServerResponse } from 'node:http';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Loop, withTimeLimit } from '@pulser/concurrency';
import { HttpError } from '@pulser/contracts';
import { Logger, whenClosed } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { isStillLetIn } from '../access/caller.js';

/** How long clients get at a shutdown to read what is on its way to them, in milliseconds. */
const farewellMs = 1_000;

/** Milliseconds between two looks at whether callers are still let in: with the cache of what is asked, a revoked key or session ends its streams within a second. */
const checkEveryMs = 250;

interface Keeping {
  /** Ends the text after what is being sent; the client may come back. */
  readonly stop: () => void;
  /** Called once, when the connection is closed. */
  readonly closed: () => void;
}

interface OpenStream extends Keeping {
  readonly reply: FastifyReply;
  readonly gone: Promise<undefined>;
}

/** What the client says is the last event it got: of any shape. */
export const lastEventId = ({ headers, query }: FastifyRequest): unknown =>
  // A browser that reconnects sends the header, and the query of its first request with it.
  headers['last-event-id'] ?? (query as Record<string, unknown>)['last_event_id'];

export const wrongEventId = ({ headers }: FastifyRequest): HttpError => {
  const pointer = headers['last-event-id'] === undefined ? '/last_event_id' : '/Last-Event-ID';
  return new HttpError('invalid_request', { errors: [{ pointer, detail: 'Not an id of an event' }] });
};

/** Of every event stream; they keep proxies from holding events back. */
export const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Nginx would otherwise keep events back until its buffer is full.
  'x-accel-buffering': 'no',
};

/** The streams that clients have open. */
@Injectable()
export class OpenStreams implements OnModuleDestroy {
  private readonly open = new Set<OpenStream>();
  private checks: Loop | undefined;
  private closing = false;

  constructor(private readonly logger: Logger) {}

  /** Until the connection of this reply is closed. */
  keep(reply: FastifyReply, keeping: Keeping): void {
    const { promise: gone, resolve } = Promise.withResolvers<undefined>();
    const open = { ...keeping, reply, gone };
    this.open.add(open);
    this.checkWhileOpen();
    const forget = (): void => {
      if (!this.open.delete(open)) return;
      keeping.stop();
      keeping.closed();
      resolve(undefined);
    };
    const response: ServerResponse = reply.raw;
    whenClosed(response, forget);
    if (response.closed) forget();
    else if (this.closing) response.destroy();
  }

  async onModuleDestroy(): Promise<void> {
    this.closing = true;
    for (const { stop } of this.open) stop();
    const closed = Promise.all([...this.open].map(({ gone }) => gone));
    await withTimeLimit(closed, farewellMs).catch(() => undefined);
    // A client that does not read would hold up the shutdown without end.
    for (const { reply } of this.open) reply.raw.destroy();
    await this.checks?.stop();
  }

  private checkWhileOpen(): void {
    if (this.checks !== undefined || this.closing) return;
    const loop = new Loop(
      checkEveryMs,
      () => this.check(),
      (err) => {
        this.logger.warn({ err }, 'the callers of open streams could not be checked; the next round tries again');
      },
    );
    this.checks = loop;
    loop.start();
  }

  private async check(): Promise<void> {
    await Promise.all([...this.open].map((stream) => this.checkOne(stream)));
    if (this.open.size > 0) return;
    const { checks } = this;
    this.checks = undefined;
    // Not awaited: this is its round.
    void checks?.stop();
  }

  private async checkOne({ reply, stop }: OpenStream): Promise<void> {
    if (await isStillLetIn(reply.request)) return;
    stop();
    // A client that does not read must not keep what it may not see any more.
    setTimeout(() => reply.raw.destroy(), farewellMs).unref();
  }
}
