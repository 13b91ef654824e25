import { setTimeout as wait } from 'node:timers/promises';

import type { Random, Tenant } from '@pulser/harness';

import type { AmqpProducer } from './amqp-producer.js';
import type { HttpClient } from './http-client.js';
import type { Order } from './order.js';
import { orderOf } from './order.policy.js';
import { Submissions } from './submissions.js';
import type { Truth } from './truth.js';

export interface LoadOptions {
  readonly http: HttpClient;
  readonly amqp: AmqpProducer;
  readonly truth: Truth;
  readonly tenants: readonly Tenant[];
  readonly random: Random;
  /** Tasks a second. */
  readonly rate: number;
}

/** Bounds what waits for answers while nobody answers. */
const maxUnderWay = 400;
const tickMs = 20;

/** Submits at a steady rate, whatever happens, and waits for every answer. */
export class Load {
  private readonly submissions: Submissions;
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly givingUp = new AbortController();
  private seq = 0;
  private going: Promise<void> | undefined;
  readonly failures: unknown[] = [];

  constructor(private readonly options: LoadOptions) {
    this.submissions = new Submissions(options, this.givingUp.signal);
  }

  get submitted(): number {
    return this.seq;
  }

  start(): void {
    this.going ??= this.go();
  }

  /** Stops submitting, and waits for the answers that are still to come. @returns how many never came */
  async stop(patienceMs: number): Promise<number> {
    this.stopping.abort();
    await this.going;
    const all = Promise.all([...this.underWay]);
    await Promise.race([all, wait(patienceMs, undefined, { ref: false })]);
    const left = this.underWay.size;
    this.givingUp.abort(new Error('the run is over'));
    await all;
    return left;
  }

  /** One order more, beside the steady ones; resolves when it is accepted. @returns its reference */
  async extra(make: (ref: string) => Order): Promise<string> {
    const ref = this.nextRef();
    await this.submissions.post(make(ref), this.options.random.pick(this.options.tenants));
    return ref;
  }

  private async go(): Promise<void> {
    const { rate } = this.options;
    const startedAt = performance.now();
    let planned = 0;
    while (!this.stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * rate);
      // What could not be sent in time is not caught up with: the rate is a rate.
      if (this.underWay.size >= maxUnderWay) planned = due;
      while (planned < due && this.underWay.size < maxUnderWay) planned += this.submit();
      await wait(tickMs);
    }
  }

  private submit(): number {
    const { random, tenants } = this.options;
    const tenant = random.pick(tenants);
    const way = random.next();
    if (way < 0.12) return this.track(1, ([order]) => this.submissions.publish(order, tenant));
    if (way < 0.2) return this.track(random.whole(3, 12), (orders) => this.submissions.batch(orders, tenant));
    return this.track(1, ([order]) => this.submissions.post(order, tenant));
  }

  private track(count: number, send: (orders: [Order, ...Order[]]) => Promise<void>): number {
    const rest = Array.from({ length: count - 1 }, () => this.nextOrder());
    const work = send([this.nextOrder(), ...rest]).catch((error: unknown) => {
      if (!this.givingUp.signal.aborted) this.failures.push(error);
    });
    const done = work.finally(() => this.underWay.delete(done));
    this.underWay.add(done);
    return count;
  }

  private nextOrder(): Order {
    return orderOf(this.nextRef(), this.options.random, Date.now());
  }

  private nextRef(): string {
    return String(++this.seq);
  }
}
