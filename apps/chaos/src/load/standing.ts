// Standing orders of a run: schedules that fire, hooks that are called and hooks on what fails, and a budget of a tenant. They
// are written by the public API before the load begins.
import { createHmac } from 'node:crypto';

import { HookView } from '@pulser/contracts';
import type { Tenant } from '@pulser/harness';

import { ownTaskType } from '../worker/outside.js';
import type { Answer, HttpClient } from './clients.js';

/** The task of a run's own agent that a schedule or a hook submits. Without a reference in its payload its id is its own. */
const effect = { task_type: ownTaskType, payload: { operation: 'effect' } };

/** Any number of its tasks at a time, and no time is ever too late: each must be fired. */
const whatever = { overlap: 'allow_all', catch_up_s: 86_400, task: effect } as const;

const everyS = 10;

const schedules = {
  tens: { when: { kind: 'interval', every_s: everyS }, ...whatever },
  jittered: { when: { kind: 'interval', every_s: everyS }, jitter_s: 3, ...whatever },
  'urgent-tens': {
    when: { kind: 'interval', every_s: everyS },
    ...whatever,
    task: { ...effect, priority: 'high' },
  },
  minutes: { when: { kind: 'cron', expression: '* * * * *' }, ...whatever },
} as const;

const secretName = 'deliveries';
const secret = 'the secret of the caller';

/** The effect of the task that the hook starts has the reference that the body names. */
const onRequest = {
  on: { kind: 'request', secret: secretName },
  task: effect,
  map: [{ from: '/ref', to: '/ref' }],
};

/** Each task that was doomed to fail has an effect that has its id for a reference. */
const onFailure = {
  on: { kind: 'task.failed', task_type: ownTaskType, operation: 'doomed' },
  task: effect,
  map: [{ from: '/data/task_id', to: '/ref' }],
};

/** The tenant whose money for models does not last. */
export const poorTenant = 'initech';
const poorBudget = { day: { calls: 8 } };

/** For an order that must be taken: the services run, or come back. */
const patience = (): AbortSignal => AbortSignal.timeout(120_000);

/** What tenants have ordered once and for all. */
export class StandingOrders {
  /** Where the hook of each tenant is called. */
  private readonly paths = new Map<string, string>();

  constructor(
    private readonly http: HttpClient,
    private readonly tenants: readonly Tenant[],
  ) {}

  async write(): Promise<void> {
    for (const tenant of this.tenants) {
      await this.put(tenant, `secrets/${secretName}`, { value: secret });
      const { body } = await this.put(tenant, 'hooks/calls', onRequest);
      this.paths.set(tenant.id, HookView.parse(body).path ?? '');
      await this.put(tenant, 'hooks/failures', onFailure);
      if (tenant.name === poorTenant) await this.put(tenant, 'settings/budgets', { value: poorBudget });
      for (const [name, order] of Object.entries(schedules)) await this.put(tenant, `schedules/${name}`, order);
    }
  }

  /** From here on no schedule fires. */
  async pauseSchedules(): Promise<void> {
    for (const tenant of this.tenants)
      for (const name of Object.keys(schedules))
        await this.http.post(`/api/v1/schedules/${name}/pause`, tenant, undefined, {}, patience());
  }

  /** Calls the hook of a tenant until it answers: the same delivery is the same task. */
  deliver(tenant: Tenant, deliveryId: string, ref: string, signal: AbortSignal): Promise<Answer> {
    const body = JSON.stringify({ ref });
    const headers = () => signed(deliveryId, body);
    return this.http.until({ method: 'POST', path: this.paths.get(tenant.id) ?? '', headers, body }, signal);
  }

  private put(tenant: Tenant, what: string, order: object): Promise<Answer> {
    return this.http.until(
      { method: 'PUT', path: `/api/v1/${what}`, headers: () => json(tenant), body: JSON.stringify(order) },
      patience(),
    );
  }
}

/** As any sender does it: https://www.standardwebhooks.com */
const signed = (id: string, body: string): Readonly<Record<string, string>> => {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
};

const json = ({ key }: Tenant): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
});
