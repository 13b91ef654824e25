import { systemTenantId } from '@pulser/contracts';
import type { Database } from '@pulser/database';

import {
  AuditTrail,
  type ClaimedMessage,
  Deliveries,
  Destinations,
  type DestinationRow,
  Incidents,
  type NewDestination,
} from '../src/index.js';
import { connected, TaskLife, tester } from './task-life.js';

const webhook: NewDestination = {
  name: 'hook',
  kind: 'webhook',
  address: { url: 'https://hook.test/' },
  secret: 'hook-key',
  incidentsFrom: 'info',
  afterMin: null,
  quiet: null,
};
const mail: NewDestination = { ...webhook, name: 'mail', kind: 'email', address: { to: 'a@b.test' }, secret: null };
const epoch = 7;

describe('notifications', () => {
  let life: TaskLife;
  let gateway: Database;
  let destinations: Destinations;
  let ofGateway: Destinations;
  let deliveries: Deliveries;

  beforeEach(async () => {
    life = await TaskLife.start();
    gateway = await connected(life.server.url('pulser_app'));
    destinations = new Destinations(life.database);
    ofGateway = new Destinations(gateway);
    deliveries = new Deliveries(life.database);
    await life.server.query(`update health_leader set holder = 'test', epoch = 7, until = now() + interval '1 hour'`);
  });

  afterEach(async () => {
    await gateway.close();
    await life.stop();
  });

  const added = async (order: NewDestination, tenantId = life.tenantId): Promise<DestinationRow> => {
    const row = await ofGateway.add(tenantId, tester, order, 50);
    if (row === undefined) throw new Error('not added');
    return row;
  };

  const claim = (busy: string[] = [], each = 2): Promise<ClaimedMessage[]> => deliveries.claim(epoch, busy, each, 50);

  const codeIn = ([message]: ClaimedMessage[]): string => (message?.parts[0]?.content as { code: string }).code;

  const confirmed = async (order: NewDestination, tenantId = life.tenantId): Promise<DestinationRow> => {
    const row = await added(order, tenantId);
    await ofGateway.confirm(codeIn(await claim()));
    await life.server.query(`update notification_delivery set state = 'delivered'`);
    return row;
  };

  const settled = (message: ClaimedMessage | undefined, state: 'pending' | 'delivered' | 'failed', afterMs = 0) => {
    if (message === undefined) throw new Error('nothing was claimed');
    const log = { ms: 5, outcome: state === 'pending' ? 'retry' : state, detail: 'x' } as const;
    return deliveries.settle(message, { state, afterMs, counts: true, log });
  };

  describe('a destination', () => {
    it('is sent a code, and confirmed by whoever has it, once', async () => {
      await added(webhook);
      const [message] = await claim();
      expect(message).toMatchObject({ name: 'hook', kind: 'webhook', attempt: 1, secret: 'hook-key' });
      const code = codeIn([message as ClaimedMessage]);
      expect(code).toMatch(/^[2-9A-HJ-NP-Z]{20}$/);
      expect(await ofGateway.confirm('A'.repeat(20))).toBeUndefined();
      expect(await ofGateway.confirm(code)).toEqual({ name: 'hook', kind: 'webhook' });
      expect(await ofGateway.confirm(code)).toBeUndefined();
      expect((await ofGateway.list(life.tenantId))[0]?.confirmedAt).toBeInstanceOf(Date);
    });

    it('gets another code, at most once a minute, which ends the first', async () => {
      const row = await added(webhook);
      const first = codeIn(await claim());
      expect(await ofGateway.resendCode(life.tenantId, tester, row)).toBeUndefined();
      await life.server.query(`update destination set code_expires_at = code_expires_at - interval '2 minutes'`);
      expect(await ofGateway.resendCode(life.tenantId, tester, row)).toBeDefined();
      expect(await ofGateway.confirm(first)).toBeUndefined();
      expect(await ofGateway.confirm(codeIn(await claim()))).toBeDefined();
    });

    it('has a code that ends after a day', async () => {
      await added(webhook);
      await life.server.query('update destination set code_expires_at = now()');
      expect(await ofGateway.confirm(codeIn(await claim()))).toBeUndefined();
    });

    it('is its own tenant’s, one of its name, and one of so many', async () => {
      await added(webhook);
      const other = await life.tenants.ensure('other');
      expect(await ofGateway.list(other)).toEqual([]);
      expect(await ofGateway.add(life.tenantId, tester, webhook, 50)).toBeUndefined();
      expect(await ofGateway.add(life.tenantId, tester, mail, 1)).toBeUndefined();
      expect(await ofGateway.add(other, tester, webhook, 1)).toBeDefined();
    });

    it('changes what it is told of, and is removed with its deliveries', async () => {
      const { destinationId } = await added(webhook);
      const quiet = { from: '22:00', to: '07:00', time_zone: 'UTC' };
      const change = { afterMin: 15, quiet };
      expect(await ofGateway.change(life.tenantId, tester, destinationId, change)).toMatchObject({
        ...change,
        incidentsFrom: 'info',
      });
      expect(await ofGateway.change(life.tenantId, tester, destinationId, { quiet: null })).toMatchObject({
        afterMin: 15,
        quiet: null,
      });
      expect(await ofGateway.remove(life.tenantId, tester, destinationId)).toBe(true);
      expect(await ofGateway.remove(life.tenantId, tester, destinationId)).toBe(false);
      expect(await claim()).toEqual([]);
    });

    it('stands in the trail with who made, confirmed and removed it, a tenant’s in its own, others in the installation’s', async () => {
      const { destinationId } = await confirmed(webhook);
      await ofGateway.remove(life.tenantId, tester, destinationId);
      const trail = await new AuditTrail(life.database).page(life.tenantId, {}, 10);
      expect(trail.map(({ action, targets, actor }) => [action, targets[0], actor.name])).toEqual([
        ['destination.deleted', 'hook', 'laptop'],
        ['destination.changed', 'hook', 'the receiver'],
        ['destination.created', 'hook', 'laptop'],
      ]);
      await added(webhook, systemTenantId);
      expect(await life.server.query(`select action from installation_audit order by seq desc limit 1`)).toEqual([
        { action: 'destination.created' },
      ]);
      expect(await new AuditTrail(life.database).page(systemTenantId, {}, 10)).toEqual([]);
    });

    it('gets nothing but its code before it is confirmed', async () => {
      const row = await added(webhook, systemTenantId);
      await new Incidents(life.database).transition(incident('a'), epoch);
      const rows = await deliveries.page(systemTenantId, row.destinationId, { before: undefined, limit: 10 });
      expect(rows.map(({ kind }) => kind)).toEqual(['confirmation']);
      expect(JSON.stringify(rows)).not.toContain(codeIn(await claim()));
    });
  });

  const incident = (key: string) =>
    ({
      key,
      kind: 'agent_unhealthy',
      subject: key,
      severity: 'critical',
      state: 'open',
      summary: `${key} is unhealthy`,
      detail: {},
    }) as const;

  const due = () => life.server.query(`update notification_delivery set due_at = now() where state = 'pending'`);

  describe('a delivery', () => {
    it('is claimed by the leader alone, for the length of a lease, and again when its sender died, under the same id', async () => {
      const row = await confirmed(webhook);
      await ofGateway.test(life.tenantId, tester, row);
      expect(await deliveries.claim(epoch - 1, [], 2, 50)).toEqual([]);
      const [first] = await claim();
      expect(await claim()).toEqual([]);
      await due();
      const [second] = await claim();
      expect(second).toMatchObject({ messageId: first?.messageId, attempt: 2 });
      expect(await settled(first, 'delivered')).toBe(false);
      expect(await settled(second, 'delivered')).toBe(true);
      await due();
      expect(await claim()).toEqual([]);
    });

    it('is tried again later, ends, and is delivered again on request with the same id', async () => {
      const { destinationId } = await confirmed(webhook);
      const [row] = await ofGateway.list(life.tenantId);
      const deliveryId = await ofGateway.test(life.tenantId, tester, row as DestinationRow);
      const [first] = await claim();
      await settled(first, 'pending', 60_000);
      expect(await claim()).toEqual([]);
      await due();
      await settled((await claim())[0], 'failed');
      const page = () => deliveries.page(life.tenantId, destinationId, { before: undefined, limit: 10 });
      expect((await page())[0]).toMatchObject({ state: 'failed', attempts: 2, deliveryId });
      expect((await page())[0]?.log.map(({ outcome }) => outcome)).toEqual(['retry', 'failed']);
      const ofTenant = new Deliveries(gateway);
      const other = await life.tenants.ensure('other');
      expect(await ofTenant.redeliver(other, tester, deliveryId)).toBe(false);
      expect(await ofTenant.redeliver(life.tenantId, tester, deliveryId)).toBe(true);
      expect(await ofTenant.redeliver(life.tenantId, tester, deliveryId)).toBe(false);
      expect((await claim())[0]).toMatchObject({ messageId: first?.messageId, attempt: 1 });
    });

    it('waits while its destination has as many under way as it may, and leaves the others alone', async () => {
      const [hook, other] = [await confirmed(webhook), await confirmed(mail)];
      for (let n = 0; n < 5; n += 1) await ofGateway.test(life.tenantId, tester, hook);
      await ofGateway.test(life.tenantId, tester, other);
      expect((await claim()).map(({ name }) => name).sort()).toEqual(['hook', 'hook', 'mail']);
      expect(await claim([hook.destinationId])).toEqual([]);
      expect(await claim()).toHaveLength(2);
    });
  });

  describe('incidents of one moment', () => {
    it('travel in one message to people, with one id also when it is repeated, and in one each to programs', async () => {
      await confirmed(webhook, systemTenantId);
      await confirmed(mail, systemTenantId);
      const incidents = new Incidents(life.database);
      for (const key of ['a', 'b', 'c', 'd']) await incidents.transition(incident(key), epoch);
      expect(await claim()).toEqual([]);
      await due();
      expect(await deliveries.group(epoch)).toBe(4);
      expect(await deliveries.group(epoch)).toBe(0);
      const messages = await claim([], 10);
      expect(messages.filter(({ kind }) => kind === 'webhook')).toHaveLength(4);
      const [one, ...more] = messages.filter(({ kind }) => kind === 'email');
      expect(more).toEqual([]);
      expect(one?.parts.map(({ content }) => (content as { subject: string }).subject)).toEqual(['a', 'b', 'c', 'd']);
      expect(one?.messageId).toBe(one?.parts[0]?.notificationId);
      await due();
      const again = (await claim([], 10)).filter(({ kind }) => kind === 'email');
      expect(again).toHaveLength(1);
      expect(again[0]?.messageId).toBe(one?.messageId);
      expect(again[0]?.parts).toHaveLength(4);
    });

    it('travel alone when they are few', async () => {
      await confirmed(mail, systemTenantId);
      const incidents = new Incidents(life.database);
      for (const key of ['a', 'b']) await incidents.transition(incident(key), epoch);
      await due();
      expect(await deliveries.group(epoch)).toBe(0);
      expect(await claim([], 10)).toHaveLength(2);
    });
  });

  it('are counted while they wait, and deleted when they are old and have ended', async () => {
    const row = await confirmed(webhook);
    await ofGateway.test(life.tenantId, tester, row);
    expect((await deliveries.backlog()).pending).toBe(1);
    await life.server.query(`update notification set created_at = now() - interval '40 days'`);
    await deliveries.prune(30);
    expect(await life.server.query('select kind from notification')).toEqual([{ kind: 'test' }]);
    expect((await deliveries.backlog()).oldestS).toBeGreaterThanOrEqual(0);
    await settled((await claim())[0], 'delivered');
    await deliveries.prune(30);
    expect(await life.server.query('select kind from notification')).toEqual([]);
  });

  it('come into the log of the installation, which has one destination for that', async () => {
    await destinations.ensureLog();
    await destinations.ensureLog();
    await new Incidents(life.database).transition(incident('a'), epoch);
    await due();
    expect(await claim()).toMatchObject([{ name: 'log', kind: 'log' }]);
  });
});
