// One client of a tenant's event stream: what it is sent, in its own time.
import { Readable } from 'node:stream';

import type { StreamReset } from '@pulser/contracts';

import { heartbeatFrame } from './event-streams.service.js';
import { block, keptMs, type TenantFeed } from './tenant-feed.js';

const readAheadBytes = 65_536;

const beginning = (): string => {
  // Not all at once: clients of a gateway that ends come back to the others.
  const reconnectMs = 1_000 + Math.floor(Math.random() * 2_000);
  return `retry: ${reconnectMs}\n\n`;
};

export interface ClientOptions {
  readonly feed: TenantFeed;
  readonly heartbeatMs: number;
  readonly onReset: (reason: StreamReset['reason']) => void;
  /** Closes the connection of a client that does not read. */
  readonly giveUp: () => void;
}

/**
 * The stream of one client: the frames of the feed from a number on, as fast as the client takes them. One that is so slow that
 * the feed has let go of its next frame gets a `reset` and goes on with the newest.
 */
export class ClientStream {
  readonly body = new Readable({
    highWaterMark: readAheadBytes,
    read: () => {
      this.wanted = true;
      this.pump();
    },
  });
  private wanted = false;
  private stopped = false;
  private sentAt = performance.now();
  private seq: number;
  private next: string | undefined;

  /** @param cursor of the last event that the client got; undefined: it is new */
  constructor(
    private readonly options: ClientOptions,
    cursor: string | undefined,
  ) {
    const { feed } = options;
    const resumed = cursor === undefined ? undefined : feed.resume(cursor);
    this.seq = resumed ?? feed.seq;
    this.next =
      beginning() +
      (cursor !== undefined && resumed === undefined
        ? this.reset('unknown_cursor')
        : block('ready', { resumed: resumed !== undefined }, resumed === undefined ? feed.cursor : undefined));
  }

  /** Sends what there is, if the client takes it. */
  pump(): void {
    while (this.wanted && !this.stopped) {
      const bytes = this.take();
      if (bytes === undefined) return;
      this.sentAt = performance.now();
      this.wanted = this.body.push(bytes);
    }
  }

  /** Sends a comment when nothing was sent for long; a client that has not read for as long as frames are kept is given up. */
  keepAlive(now: number): void {
    const silentMs = now - this.sentAt;
    if (!this.wanted && silentMs >= keptMs) this.options.giveUp();
    if (!this.wanted || silentMs < this.options.heartbeatMs) return;
    this.next = heartbeatFrame;
    this.pump();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.body.push(null);
  }

  private take(): string | Buffer | undefined {
    const { next, options } = this;
    const { feed } = options;
    this.next = undefined;
    if (next !== undefined) return next;
    const reason = feed.missed(this.seq);
    if (reason !== undefined) {
      this.seq = feed.seq;
      return this.reset(reason);
    }
    const frame = feed.after(this.seq);
    if (frame !== undefined) this.seq = frame.seq;
    return frame?.bytes;
  }

  private reset(reason: StreamReset['reason']): string {
    const { feed, onReset } = this.options;
    onReset(reason);
    return block('reset', { reason }, feed.cursor);
  }
}
