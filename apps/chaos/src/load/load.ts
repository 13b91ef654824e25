// The load of a run: orders at a steady rate, by three ways into Pulser, each recorded in the ground truth.
import { setTimeout as wait } from 'node:timers/promises';

import { AcceptedHook, AcceptedTask, BatchAnswer } from '@pulser/contracts';
import type { Random, Tenant } from '@pulser/harness';
import { z } from 'zod';

import type { AmqpProducer, HttpClient } from './clients.js';
import { hookOrderOf, type Order, orderOf, type Truth, type Via } from './orders.js';
import type { StandingOrders } from './standing.js';

export interface LoadOptions {
  readonly http: HttpClient;
  readonly amqp: AmqpProducer;
  readonly truth: Truth;
  readonly tenants: readonly Tenant[];
  readonly random: Random;
  /** Tasks per second. */
  readonly rate: number;
  /** What is submitted; without it everything of `orders.ts`, by every way. With it each by a post of its own. */
  readonly next?: (ref: string, random: Random) => Order;
  /** Whose hooks are called. */
  readonly standing?: StandingOrders;
}

const Ended = z.object({ task_status: z.string() });

const path = '/api/v1/tasks';

/** Of the accepted orders with a key, this share is submitted once more with the same key: it must be the same task. */
const repeatedShare = 0.03;

/** The ways of submitting. Each resolves when the outcome of the orders is recorded. */
class Submissions {
  constructor(
    private readonly options: LoadOptions,
    private readonly signal: AbortSignal,
  ) {}

  async post(order: Order, tenant: Tenant): Promise<void> {
    if (!order.keyed) {
      const answer = await this.options.http.postKeyless(path, tenant, order.body, this.signal);
      await this.record(order, 'post', tenant, answer?.body);
      return;
    }
    const times = this.options.random.chance(repeatedShare) ? 2 : 1;
    for (let n = 1; n <= times; n++) {
      const { body } = await this.options.http.post(path, tenant, order.ref, order.body, this.signal);
      const { task_id } = this.accept(order, 'post', tenant, body);
      if (n === times) await this.cancel(order, tenant, task_id);
    }
  }

  /** The first order decides whether the request has an idempotency key. */
  async batch([first, ...rest]: readonly [Order, ...Order[]], tenant: Tenant): Promise<void> {
    const { http } = this.options;
    const { keyed } = first;
    const orders = [first, ...rest].map((order) => ({ ...order, keyed }));
    const body = { tasks: orders.map((order) => order.body) };
    const answer = keyed
      ? await http.post(`${path}/batch`, tenant, `batch-${first.ref}`, body, this.signal)
      : await http.postKeyless(`${path}/batch`, tenant, body, this.signal);
    const items = answer && BatchAnswer.parse(answer.body).items;
    if (items !== undefined && items.length < orders.length) throw new Error('A batch was answered with fewer items');
    for (const [n, order] of orders.entries()) await this.record(order, 'batch', tenant, items?.[n]);
  }

  /** Always with a message id: a message may be delivered twice, and without one it would be two orders. */
  async publish(order: Order, tenant: Tenant): Promise<void> {
    // The producer learns no task id, so it cannot cancel.
    const kept = { ...(order.expect === 'cancelled' ? withoutDelay(order) : order), keyed: true };
    await this.options.amqp.submit(kept, tenant, this.signal);
    this.options.truth.accept(kept, 'amqp', tenant.name);
  }

  /** Calls a hook: each delivery comes twice, and must be one task. */
  async deliver(order: Order, tenant: Tenant, standing: StandingOrders): Promise<void> {
    const calls = [1, 2].map(() => standing.deliver(tenant, `delivery-${order.ref}`, order.ref, this.signal));
    for (const { body } of await Promise.all(calls)) {
      const { task_id } = AcceptedHook.parse(body);
      this.options.truth.accept(order, 'hook', tenant.name, task_id);
    }
  }

  /** @param answer undefined: it was lost */
  private async record(order: Order, via: Via, tenant: Tenant, answer: unknown): Promise<void> {
    if (answer === undefined) {
      // Without its id it cannot be cancelled: if there is a task, it runs at its time.
      const kept: Order = order.expect === 'cancelled' ? { ...order, expect: 'effect' } : order;
      this.options.truth.lose(kept, via, tenant.name);
      return;
    }
    const { task_id } = this.accept(order, via, tenant, answer);
    await this.cancel(order, tenant, task_id);
  }

  private accept(order: Order, via: Via, tenant: Tenant, answer: unknown): AcceptedTask {
    const accepted = AcceptedTask.parse(answer);
    this.options.truth.accept(untilCancelled(order), via, tenant.name, accepted.task_id);
    return accepted;
  }

  /** Cancels the task of an order that is there to be cancelled. */
  private async cancel({ ref, expect }: Order, tenant: Tenant, taskId: string): Promise<void> {
    if (expect !== 'cancelled') return;
    const answer = await this.options.http.post(`${path}/${taskId}/cancel`, tenant, undefined, {}, this.signal);
    // A retry finds it cancelled already or, when it came very late, started.
    const cancelled = answer.status === 200 || Ended.parse(answer.body).task_status === 'cancelled';
    this.options.truth.expect(ref, cancelled ? 'cancelled' : 'either');
  }
}

const withoutDelay = ({ body: { task_type, priority, payload }, ...order }: Order): Order => ({
  ...order,
  expect: 'effect',
  body: { task_type, priority, payload },
});

// Until the cancellation is answered, the task may start.
const untilCancelled = (order: Order): Order => (order.expect === 'cancelled' ? { ...order, expect: 'either' } : order);

/** Up to this position between 0 and 1 after AMQP and batches, an order comes by a hook. */
const hookShare = 0.22;

/** Bounds the submissions that wait for answers while no service answers. */
const maxUnderWay = 400;
const tickMs = 20;

/** Submits at a steady rate, whatever breaks, and waits for every answer. */
export class Load {
  private readonly submissions: Submissions;
  /** With the way and the orders of each. */
  private readonly underWay = new Map<Promise<void>, string>();
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

  /** Stops submitting, and waits for the answers that are still to come. @returns the submissions that got none */
  async stop(patienceMs: number): Promise<string[]> {
    this.stopping.abort();
    await this.going;
    const all = Promise.all(this.underWay.keys());
    await Promise.race([all, wait(patienceMs, undefined, { ref: false })]);
    const left = [...this.underWay.values()];
    this.givingUp.abort(new Error('the run is over'));
    await all;
    return left;
  }

  /** Submits one more order, with an idempotency key; resolves when it is accepted. @returns its reference */
  async extra(make: (ref: string) => Omit<Order, 'keyed'>): Promise<string> {
    const ref = this.nextRef();
    await this.submissions.post({ ...make(ref), keyed: true }, this.options.random.pick(this.options.tenants));
    return ref;
  }

  private async go(): Promise<void> {
    const { rate } = this.options;
    const startedAt = performance.now();
    let planned = 0;
    while (!this.stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * rate);
      // What could not be sent in time is left out: the rate stays what it is.
      if (this.underWay.size >= maxUnderWay) planned = due;
      while (planned < due && this.underWay.size < maxUnderWay) planned += this.submit();
      await wait(tickMs);
    }
  }

  private submit(): number {
    const { random, tenants, standing } = this.options;
    const tenant = random.pick(tenants);
    const way = this.options.next === undefined ? random.next() : 1;
    if (way < 0.12) return this.track('amqp', 1, ([order]) => this.submissions.publish(order, tenant));
    if (way < 0.2) return this.track('batch', random.whole(3, 12), (orders) => this.submissions.batch(orders, tenant));
    if (way < hookShare && standing !== undefined)
      return this.track('hook', 1, ([{ ref }]) => this.submissions.deliver(hookOrderOf(ref), tenant, standing));
    return this.track('post', 1, ([order]) => this.submissions.post(order, tenant));
  }

  private track(via: Via, count: number, send: (orders: [Order, ...Order[]]) => Promise<void>): number {
    const rest = Array.from({ length: count - 1 }, () => this.nextOrder());
    const first = this.nextOrder();
    const work = send([first, ...rest]).catch((error: unknown) => {
      if (!this.givingUp.signal.aborted) this.failures.push(error);
    });
    const done = work.finally(() => this.underWay.delete(done));
    this.underWay.set(done, `${first.ref} by ${via}: ${first.body.task_type}`);
    return count;
  }

  private nextOrder(): Order {
    const { next, random } = this.options;
    return next?.(this.nextRef(), random) ?? orderOf(this.nextRef(), random, Date.now());
  }

  private nextRef(): string {
    return String(++this.seq);
  }
}
