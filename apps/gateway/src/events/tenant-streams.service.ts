// The event streams of tenants: one feed for each tenant that has a stream open here, and the clients that read it.
import type { Readable } from 'node:stream';

import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { settlesWithin } from '@pulser/concurrency';
import { type TaskChange, type TaskStatus, type WatchedThing, watchedThings } from '@pulser/contracts';
import { Broker, Publisher, StreamedTenants, streamsReport } from '@pulser/messaging';
import { Metrics, ServiceInfo } from '@pulser/service-kit';
import type { FastifyReply } from 'fastify';

import { GatewayEnv } from '../gateway.env.js';
import { ClientStream } from './client-stream.js';
import { OpenStreams } from './open-streams.js';
import { TaskNotifier } from './task-notifier.js';
import { keptMs, TenantFeed } from './tenant-feed.js';

/** Milliseconds for which changes are gathered into one frame. */
const gatherMs = 200;

/** Milliseconds between two reports of the tenants with a stream. */
const reportEveryMs = 1_000;

/**
 * Milliseconds between two hints that anything may have changed. Messages may be lost on their way here without a sign, and
 * then a page shows an old state for no longer than this; sooner while the broker is away.
 */
const hintAllMs = { usually: 30_000, withoutBroker: 5_000 };

/** Milliseconds that the first stream of a tenant waits at most until other services know of it. */
const maxReportMs = 500;

/** Bytes of frames that are kept of one tenant, and of all together. */
const maxFeedBytes = 4_194_304;
const maxAllBytes = 67_108_864;

/** A tenant with a stream, or whose last stream ended a moment ago. */
interface Watched {
  readonly feed: TenantFeed;
  readonly clients: Set<ClientStream>;
  /** When events flow to the feed, and others know that they are wanted. */
  readonly flowing: Promise<unknown>;
  /** Of a monotonic clock, milliseconds. */
  emptySince: number;
  hintedAt: number;
}

/** Writes times; those of one millisecond once. */
class ClockText {
  private ms = NaN;
  private last = '';

  /** RFC 3339 in UTC. @param ms since 1970 */
  text(ms: number): string {
    if (ms !== this.ms) {
      this.ms = ms;
      this.last = new Date(ms).toISOString();
    }
    return this.last;
  }
}

type Happened = Omit<TaskChange, 'at' | 'status'> & { readonly tenant_id: string };

/**
 * The event streams of tenants. A tenant's changes are kept while it has a stream open here and for a minute afterwards;
 * without any, nothing runs and nothing is subscribed to.
 */
@Injectable()
export class TenantStreams implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly watched = new Map<string, Watched>();
  private readonly clock = new ClockText();
  private readonly metrics;
  private timer: NodeJS.Timeout | undefined;
  private reportedAt = -Infinity;
  private forgetListener: () => void = () => undefined;

  constructor(
    private readonly notifier: TaskNotifier,
    private readonly broker: Broker,
    private readonly publisher: Publisher,
    private readonly streamed: StreamedTenants,
    private readonly streams: OpenStreams,
    private readonly env: GatewayEnv,
    private readonly info: ServiceInfo,
    metrics: Metrics,
  ) {
    this.metrics = {
      open: metrics.gauge({ name: 'pulser_tenant_streams', help: 'Event streams of tenants that are open' }),
      bytes: metrics.gauge({
        name: 'pulser_tenant_feed_bytes',
        help: 'Bytes of events kept for streams that come back',
      }),
      changes: metrics.counter({
        name: 'pulser_tenant_stream_changes_total',
        help: 'Changes of tasks put into the streams of their tenants, or left out because there were too many',
        labelNames: ['outcome'] as const,
      }),
      resets: metrics.counter({
        name: 'pulser_tenant_stream_resets_total',
        help: 'Clients that were asked to read everything again',
        labelNames: ['reason'] as const,
      }),
    };
  }

  onApplicationBootstrap(): void {
    // The consumers are back when the state is `up`: what a client reads after this reset is followed by every change.
    this.forgetListener = this.broker.onStateChange((state) => {
      if (state === 'up') this.interrupt();
    });
  }

  onModuleDestroy(): void {
    this.forgetListener();
    for (const tenantId of [...this.watched.keys()]) this.forget(tenantId);
  }

  /** Text of server-sent events, until the connection of `reply` is closed. @param cursor id of the last event seen */
  async start(tenantId: string, cursor: string | undefined, reply: FastifyReply): Promise<Readable> {
    const watched = this.watched.get(tenantId) ?? this.watch(tenantId);
    // Before the wait: the feed may not be forgotten meanwhile.
    watched.emptySince = performance.now();
    await watched.flowing;
    const client = new ClientStream(
      {
        feed: watched.feed,
        heartbeatMs: this.env.EVENT_STREAM_HEARTBEAT_S * 1_000,
        onReset: (reason) => {
          this.metrics.resets.inc({ reason });
        },
        giveUp: () => {
          reply.raw.destroy();
        },
      },
      cursor,
    );
    watched.clients.add(client);
    this.countOpen();
    this.streams.keep(reply, {
      stop: () => {
        client.stop();
      },
      closed: () => {
        watched.clients.delete(client);
        watched.emptySince = performance.now();
        this.countOpen();
      },
    });
    return client.body;
  }

  /** A task of some tenant has another state. */
  changed(
    { tenant_id, task_id, task_type, agent, attempt, operation, priority, code }: Happened,
    status: TaskStatus,
  ): void {
    const feed = this.watched.get(tenant_id)?.feed;
    if (feed === undefined) return;
    const leftOut = feed.add({
      task_id,
      task_type,
      ...(operation !== undefined && { operation }),
      agent,
      status,
      ...(priority !== undefined && { priority }),
      attempt,
      at: this.clock.text(Date.now()),
      ...(code !== undefined && { code }),
    });
    if (leftOut > 0) this.metrics.changes.inc({ outcome: 'left_out' }, leftOut);
  }

  /** So many tasks of a tenant have another state, more than its streams show. */
  leaveOut(tenantId: string, status: TaskStatus, tasks: number): void {
    const feed = this.watched.get(tenantId)?.feed;
    if (feed === undefined) return;
    feed.leaveOut(status, tasks);
    this.metrics.changes.inc({ outcome: 'left_out' }, tasks);
  }

  /** Something that a tenant sees has changed, or that all tenants see. */
  hint(tenantId: string | undefined, what: readonly WatchedThing[]): void {
    const watched = tenantId === undefined ? [...this.watched.values()] : [this.watched.get(tenantId)];
    for (const one of watched) one?.feed.hint(...what);
  }

  private watch(tenantId: string): Watched {
    const now = performance.now();
    const watched: Watched = {
      feed: new TenantFeed(),
      clients: new Set(),
      flowing: Promise.all([this.notifier.changes.acquire(), settlesWithin(maxReportMs, this.report(now, tenantId))]),
      emptySince: now,
      hintedAt: now,
    };
    this.watched.set(tenantId, watched);
    this.timer ??= setInterval(() => {
      this.tick(performance.now());
    }, gatherMs);
    return watched;
  }

  private forget(tenantId: string): void {
    this.watched.delete(tenantId);
    this.notifier.changes.release();
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.metrics.bytes.set(0);
  }

  private tick(now: number): void {
    const maxBytes = Math.min(maxFeedBytes, maxAllBytes / this.watched.size);
    let bytes = 0;
    for (const [tenantId, watched] of this.watched) {
      this.send(watched, now, maxBytes);
      bytes += watched.feed.bytes;
      if (watched.clients.size === 0 && now - watched.emptySince > keptMs) this.forget(tenantId);
    }
    this.metrics.bytes.set(bytes);
    if (this.watched.size > 0 && now - this.reportedAt >= reportEveryMs) void this.report(now);
  }

  private send(watched: Watched, now: number, maxBytes: number): void {
    const { feed, clients } = watched;
    if (now - watched.hintedAt >= (this.broker.state === 'up' ? hintAllMs.usually : hintAllMs.withoutBroker)) {
      watched.hintedAt = now;
      feed.hint(...watchedThings);
      // Opens the subscription again if the broker refused it.
      void this.notifier.changes.acquire().then(() => {
        this.notifier.changes.release();
      });
    }
    const changes = feed.flush(now, maxBytes);
    if (changes !== undefined) this.metrics.changes.inc({ outcome: 'sent' }, changes);
    for (const client of clients) {
      client.pump();
      client.keepAlive(now);
    }
  }

  /** Tells all services for which tenants it is worth to publish what only streams show. */
  private async report(now: number, newcomer?: string): Promise<void> {
    this.reportedAt = now;
    const tenants = [...this.watched.keys(), ...(newcomer === undefined ? [] : [newcomer])];
    this.streamed.heard({ tenants }, now);
    // The next report makes good for one that is lost.
    await this.publisher.publish('streams.reported', streamsReport(this.info.instance, tenants)).catch(() => undefined);
  }

  private interrupt(): void {
    for (const { feed, clients } of this.watched.values()) {
      feed.interrupt();
      for (const client of clients) client.pump();
    }
  }

  private countOpen(): void {
    this.metrics.open.set([...this.watched.values()].reduce((sum, { clients }) => sum + clients.size, 0));
  }
}
