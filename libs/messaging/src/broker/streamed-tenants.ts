// Which tenants have an event stream open at some gateway, as the gateways report, and what is published for these alone: a
// task that nobody watches costs no message about its submission.
import { Injectable } from '@nestjs/common';
import type { MessageInput, StreamsReported, WatchedThing } from '@pulser/contracts';

import { Publisher } from './broker.js';

/** Milliseconds for which a report holds: gateways repeat it every second. */
const validMs = 3_000;

/** Tenants that are named in one report; with more open streams it speaks for all tenants. */
export const maxNamedTenants = 1_000;

/** Milliseconds for which events are gathered: those of a busy moment travel as one message. */
const gatherMs = 50;

/** So many tasks of a tenant are named in so many milliseconds; of the others only the number: a stream shows no more. */
const maxListed = 80;
const listedMs = 200;

type Queued = MessageInput<'task.queued'>[number];

/** Times are of a monotonic clock, in milliseconds. */
@Injectable()
export class StreamedTenants {
  private readonly until = new Map<string, number>();
  private allUntil = -Infinity;
  /** When the last of all reports stops to hold. */
  private anyUntil = -Infinity;
  private gathered: Queued[] = [];
  private readonly listed = new Map<string, number>();
  private listedSince = -Infinity;
  private readonly unlisted = new Map<string, MessageInput<'tasks.unlisted'>[number]>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly publisher: Publisher) {}

  heard({ tenants }: Pick<StreamsReported, 'tenants'>, now: number): void {
    for (const [tenantId, until] of this.until) if (until <= now) this.until.delete(tenantId);
    this.anyUntil = now + validMs;
    if (tenants === undefined) this.allUntil = this.anyUntil;
    for (const tenantId of tenants ?? []) this.until.set(tenantId, this.anyUntil);
  }

  /** Whether the tenant has an event stream open, as far as is known. */
  has(tenantId: string, now = performance.now()): boolean {
    if (now >= this.anyUntil) return false;
    return now < this.allUntil || now < (this.until.get(tenantId) ?? -Infinity);
  }

  /** Publishes tasks of tenants that have a stream open. Returns at once; streams make good what is lost. */
  publishQueued(tasks: MessageInput<'task.queued'>): void {
    if (tasks.length === 0) return;
    this.turn(performance.now());
    for (const task of tasks) this.gather(task);
    this.timer ??= setTimeout(() => {
      this.send();
    }, gatherMs).unref();
  }

  /**
   * Publishes that something else changed, if a stream is open that shows it. Returns at once.
   * @param tenantId undefined: all tenants see it
   */
  publishChanged(tenantId: string | undefined, ...what: WatchedThing[]): void {
    if (tenantId === undefined ? performance.now() >= this.anyUntil : !this.has(tenantId)) return;
    const whom = tenantId === undefined ? {} : { tenant_id: tenantId };
    this.publisher.publish('tenant.changed', { ...whom, what }).catch(() => undefined);
  }

  private turn(now: number): void {
    if (now - this.listedSince < listedMs) return;
    this.listedSince = now;
    this.listed.clear();
  }

  private gather(task: Queued): void {
    const { tenant_id, status } = task;
    const listed = this.listed.get(tenant_id) ?? 0;
    if (listed < maxListed) {
      this.listed.set(tenant_id, listed + 1);
      this.gathered.push(task);
      return;
    }
    const key = `${tenant_id} ${status}`;
    const tasks = (this.unlisted.get(key)?.tasks ?? 0) + 1;
    this.unlisted.set(key, { tenant_id, status, tasks });
  }

  private send(): void {
    const [tasks, unlisted] = [this.gathered, [...this.unlisted.values()]];
    this.gathered = [];
    this.unlisted.clear();
    this.timer = undefined;
    if (tasks.length > 0) this.publisher.publish('task.queued', tasks).catch(() => undefined);
    if (unlisted.length > 0) this.publisher.publish('tasks.unlisted', unlisted).catch(() => undefined);
  }
}

/** The report of a gateway. */
export const streamsReport = (gateway: string, tenants: readonly string[]): StreamsReported =>
  tenants.length > maxNamedTenants ? { gateway } : { gateway, tenants: [...tenants] };
