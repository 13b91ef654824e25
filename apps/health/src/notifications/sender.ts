// Sends what is due, while this process leads. Destinations that fail or hang take from each other nothing but their own few
// places, and from everything else nothing: each attempt has a time limit, and runs beside the rounds.
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type ClaimedMessage, Deliveries, Destinations, Incidents, type Settlement } from '@pulser/context-bus';
import { destinationKinds, systemTenantId } from '@pulser/contracts';
import { messageOf, maxAttempts, type Outcome, quietUntil, retryAfterMs } from '@pulser/notify';
import { Logger, Metrics, Rounds } from '@pulser/service-kit';

import { HealthEnv } from '../health.env.js';
import { Leadership } from '../leadership/leadership.js';
import { type Attempted, isAskedFor, noticesOf, type Notices, Sinks } from './sinks.js';

const everyMs = 500;
const gaugeEveryMs = 15_000;
const incidentsEveryMs = 5_000;
const pruneEveryMs = 3_600_000;

/** Messages of one destination at a time. */
const each = 2;
/** Messages at a time. */
const maxUnderWay = 100;

/** A message that was not sent because its receiver is left alone is looked at again after so long. Milliseconds. */
const notAskedMs = 60_000;
/** One that is older is given up then: by itself it would have had all its attempts. Milliseconds. */
const maxNotAskedMs = 3 * 3_600_000;

@Injectable()
export class NotificationSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly underWay = new Map<ClaimedMessage, Promise<void>>();
  private readonly sent;
  private readonly pending;
  private readonly oldest;
  private logIsThere = false;
  private isOver = false;

  constructor(
    private readonly leadership: Leadership,
    private readonly deliveries: Deliveries,
    private readonly destinations: Destinations,
    private readonly incidents: Incidents,
    private readonly sinks: Sinks,
    private readonly env: HealthEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.sent = metrics.counter({
      name: 'pulser_notification_attempts_total',
      help: 'Attempts to deliver a message, by kind of destination and outcome: delivered, retry or failed (for good)',
      labelNames: ['sink', 'outcome'],
    });
    // Shown from the start: the first one is an increase too.
    for (const sink of destinationKinds)
      for (const outcome of ['delivered', 'retry', 'failed']) this.sent.labels(sink, outcome).inc(0);
    this.pending = metrics.gauge({
      name: 'pulser_notifications_pending',
      help: 'Deliveries that wait, 10,000 at most; of the leader',
    });
    this.oldest = metrics.gauge({
      name: 'pulser_notification_oldest_seconds',
      help: 'Age of the oldest delivery that waits; of the leader',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.send());
    this.rounds.every(incidentsEveryMs, () => this.tellLate());
    this.rounds.every(gaugeEveryMs, () => this.measure());
    this.rounds.every(pruneEveryMs, () => this.prune());
  }

  /** What is under way ends, within the limits of its sink. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.underWay.values());
  }

  private async send(): Promise<void> {
    const { epoch } = this.leadership;
    if (epoch === undefined || this.isOver) return;
    await this.ensureLog();
    await this.deliveries.group(epoch);
    const room = maxUnderWay - this.underWay.size;
    if (room <= 0) return;
    const busy = [...new Set([...this.underWay.keys()].map(({ destinationId }) => destinationId))];
    for (const message of await this.deliveries.claim(epoch, busy, each, room)) {
      const attempt = this.attempt(message, epoch)
        // The lease ends, and the message is sent again.
        .catch((err: unknown) => {
          this.logger.warn({ err, destination: message.name }, 'a message was not settled; it is sent again');
        })
        .finally(() => this.underWay.delete(message));
      this.underWay.set(message, attempt);
    }
  }

  private async attempt(message: ClaimedMessage, epoch: number): Promise<void> {
    const began = performance.now();
    const notices = noticesOf(message);
    const quiet = quietFor(message, notices, new Date());
    if (quiet !== undefined)
      return this.defer(message, quiet.getTime() - Date.now(), `Quiet hours, until ${quiet.toISOString()}`);
    const attempted = await this.deliver(message, notices);
    if (attempted.kind === 'notAsked' && !isOld(message)) return this.defer(message, notAskedMs, attempted.detail);
    const outcome: Outcome = attempted.kind === 'notAsked' ? { ...attempted, kind: 'failed' } : attempted;
    const settlement = settlementOf(outcome, message.attempt, Math.round(performance.now() - began));
    this.sent.labels(message.kind, settlement.log.outcome).inc();
    if (await this.deliveries.settle(message, settlement)) await this.report(message, settlement, epoch);
  }

  private async deliver(message: ClaimedMessage, notices: Notices | undefined): Promise<Attempted> {
    if (notices === undefined) return { kind: 'failed', detail: 'This version cannot read it' };
    try {
      return await this.sinks.deliver(message, notices);
    } catch (err) {
      this.logger.warn({ err, destination: message.name }, 'a message could not be sent');
      return { kind: 'retry', detail: 'It could not be sent: see the log of the health service' };
    }
  }

  /** It is no attempt. */
  private async defer(message: ClaimedMessage, ms: number, detail: string): Promise<void> {
    const log = { ms: 0, outcome: 'deferred', detail } as const;
    await this.deliveries.settle(message, { state: 'pending', afterMs: Math.max(1_000, ms), counts: false, log });
  }

  // Of destinations of the installation: a tenant sees the deliveries of its own.
  private async report(
    { tenantId, name, kind, parts }: ClaimedMessage,
    settled: Settlement,
    epoch: number,
  ): Promise<void> {
    if (tenantId !== systemTenantId || kind === 'log' || isAskedFor({ parts }) || settled.state === 'pending') return;
    const hasFailed = settled.state === 'failed';
    await this.incidents.note(
      {
        key: `notifications:${name}`,
        kind: 'notifications_undeliverable',
        subject: name,
        severity: 'warning',
        state: hasFailed ? 'open' : 'resolved',
        summary: hasFailed
          ? `Messages to ${name} cannot be delivered: ${settled.log.detail}`
          : `Messages to ${name} are delivered again`,
        detail: { destination: name, kind },
      },
      epoch,
      name,
    );
  }

  private async tellLate(): Promise<void> {
    const { epoch } = this.leadership;
    if (epoch === undefined) return;
    await this.incidents.escalate(epoch);
    await this.incidents.settle(epoch);
  }

  private async measure(): Promise<void> {
    const leads = this.leadership.epoch !== undefined;
    const { pending, oldestS } = leads ? await this.deliveries.backlog() : { pending: 0, oldestS: 0 };
    this.pending.set(pending);
    this.oldest.set(oldestS);
  }

  private async prune(): Promise<void> {
    if (this.leadership.epoch !== undefined) await this.deliveries.prune(this.env.NOTIFICATION_RETENTION_DAYS);
  }

  private async ensureLog(): Promise<void> {
    if (this.logIsThere) return;
    await this.destinations.ensureLog();
    this.logIsThere = true;
  }
}

const isOld = ({ parts }: ClaimedMessage): boolean =>
  parts.every(({ at }) => Date.now() - at.getTime() > maxNotAskedMs);

/** Until when a message waits because of the quiet hours of its receiver; undefined: it does not. */
const quietFor = (message: ClaimedMessage, notices: Notices | undefined, now: Date): Date | undefined =>
  isAskedFor(message)
    ? undefined
    : quietUntil(message.quiet, notices === undefined ? 'info' : messageOf(notices).severity, now);

/** What is written of an attempt. @param attempt its number, from 1 @param ms how long it took */
export const settlementOf = (outcome: Outcome, attempt: number, ms: number, random = Math.random()): Settlement => {
  const { kind, detail } = outcome;
  if (kind !== 'retry' || attempt >= maxAttempts) {
    const state = kind === 'delivered' ? 'delivered' : 'failed';
    const given = kind === 'retry' ? `${detail}; given up after ${attempt} attempts` : detail;
    return { state, afterMs: 0, counts: true, log: { ms, outcome: state, detail: given } };
  }
  const afterMs = Math.max(outcome.afterMs ?? 0, retryAfterMs(attempt, random));
  return { state: 'pending', afterMs, counts: true, log: { ms, outcome: 'retry', detail } };
};
