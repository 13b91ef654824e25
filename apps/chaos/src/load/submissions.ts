import { AcceptedTask, BatchAnswer } from '@pulser/contracts';

import type { Tenant } from '@pulser/harness';
import { z } from 'zod';

import type { LoadOptions } from './load.js';
import type { Order } from './order.js';

const Ended = z.object({ task_status: z.string() });

const path = '/api/v1/tasks';

/** Of the accepted ones, this share is submitted once more with the same key: it must be the same task. */
const repeatedShare = 0.03;

/** The ways into Pulser. Each resolves when the orders are accepted and written down. */
export class Submissions {
  constructor(
    private readonly options: LoadOptions,
    private readonly signal: AbortSignal,
  ) {}

  async post(order: Order, tenant: Tenant): Promise<void> {
    const { random } = this.options;
    const times = random.chance(repeatedShare) ? 2 : 1;
    let taskId = '';
    for (let n = 0; n < times; n++) taskId = await this.postOnce(order, tenant);
    if (order.expect === 'cancelled') await this.cancel(order, tenant, taskId);
  }

  async batch(orders: readonly Order[], tenant: Tenant): Promise<void> {
    const { http, truth } = this.options;
    const key = `batch-${orders[0]?.ref ?? ''}`;
    const body = { tasks: orders.map((order) => order.body) };
    const answer = await http.post(`${path}/batch`, tenant, key, body, this.signal);
    const items = BatchAnswer.parse(answer.body).items.map((item) => AcceptedTask.parse(item));
    for (const [n, order] of orders.entries()) {
      const item = items[n];
      if (item === undefined) throw new Error('A batch was answered with fewer items');
      truth.accept(untilCancelled(order), 'batch', tenant.name, item.task_id);
      if (order.expect === 'cancelled') await this.cancel(order, tenant, item.task_id);
    }
  }

  async publish(order: Order, tenant: Tenant): Promise<void> {
    // Nobody knows its id, so nobody can cancel it.
    const kept: Order = order.expect === 'cancelled' ? withoutDelay(order) : order;
    await this.options.amqp.submit(kept, tenant, this.signal);
    this.options.truth.accept(kept, 'amqp', tenant.name);
  }

  private async postOnce(order: Order, tenant: Tenant): Promise<string> {
    const { http, truth } = this.options;
    const answer = await http.post(path, tenant, order.ref, order.body, this.signal);
    const { task_id } = AcceptedTask.parse(answer.body);
    truth.accept(untilCancelled(order), 'post', tenant.name, task_id);
    return task_id;
  }

  private async cancel({ ref }: Order, tenant: Tenant, taskId: string): Promise<void> {
    const answer = await this.options.http.post(`${path}/${taskId}/cancel`, tenant, undefined, {}, this.signal);
    // A retry finds it cancelled already or, when it came very late, started.
    const cancelled = answer.status === 200 || Ended.parse(answer.body).task_status === 'cancelled';
    this.options.truth.expect(ref, cancelled ? 'cancelled' : 'either');
  }
}

const withoutDelay = ({ ref, body: { task_type, priority, payload } }: Order): Order => ({
  ref,
  expect: 'effect',
  body: { task_type, priority, payload },
});

// Until somebody has answered the cancellation, it may start.
const untilCancelled = (order: Order): Order => (order.expect === 'cancelled' ? { ...order, expect: 'either' } : order);
