import type { FirePage, Problem, ScheduleDetail, ScheduleList } from '@pulser/contracts';

import type { Answer, Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/schedules';
const task = { task_type: 'analytics', payload: { operation: 'query' } };
const daily = { when: { kind: 'cron', expression: '30 2 * * *' }, time_zone: 'America/New_York', task };

describe('schedules', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenant: string;

  beforeEach(async () => {
    gateway = await sharedGateway();
    tenant = `schedules-${crypto.randomUUID()}`;
    ({ client } = await gateway.client(tenant));
  });

  const put = (name: string, body: object = daily, by = client): Promise<Answer<ScheduleDetail>> =>
    by.call<ScheduleDetail>(`${path}/${name}`, { method: 'PUT', body });

  const refused = async (body: object): Promise<[number, Problem['errors']]> => {
    const answer = await client.call<Problem>(`${path}/bad`, { method: 'PUT', body });
    return [answer.status, answer.body.errors];
  };

  it('are made, shown with their next ten times, replaced and deleted', async () => {
    const made = await put('nightly');
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...daily,
      name: 'nightly',
      author_name: 'test',
      revision: 1,
      overlap: 'skip',
      paused: null,
      last: null,
    });
    expect(made.body.next).toHaveLength(10);
    expect(made.body.next_at).toBe(made.body.next[0]);

    const weekly = { ...daily, when: { kind: 'calendar', times: ['09:00'], weekdays: ['mon'] }, overlap: 'allow_all' };
    const replaced = await put('nightly', weekly);
    expect([replaced.status, replaced.body]).toMatchObject([200, { revision: 2, overlap: 'allow_all' }]);
    expect((await client.get<ScheduleList>(path)).body.schedules).toMatchObject([{ name: 'nightly', revision: 2 }]);
    expect((await client.fetch(`${path}/nightly`, { method: 'DELETE' })).status).toBe(204);
    expect((await client.get(`${path}/nightly`)).status).toBe(404);
  });

  it('keep their next time when something else of them changes', async () => {
    await put('due');
    await gateway.database.query(
      `update schedule set nominal_at = date_trunc('second', now()) where name = 'due' and tenant_id = (select tenant_id from tenant where name like $1)`,
      [`${tenant}%`],
    );
    const before = (await client.get<ScheduleDetail>(`${path}/due`)).body.next_at;
    expect((await put('due', { ...daily, jitter_s: 5 })).body.next_at).toBe(before);
    expect((await put('due', { ...daily, time_zone: 'UTC' })).body.next_at).not.toBe(before);
  });

  it('are refused at once with the one reason, and where it is', async () => {
    const cron = (expression: string) => ({ ...daily, when: { kind: 'cron', expression } });
    expect(await refused(cron('0 0 31 2 *'))).toMatchObject([400, [{ pointer: '/when' }]]);
    expect(await refused(cron('0 0 * *'))).toMatchObject([400, [{ pointer: '/when/expression' }]]);
    expect(await refused(cron('0 0 0 * * *'))).toMatchObject([400, [{ pointer: '/when/expression' }]]);
    expect(await refused({ ...daily, time_zone: 'Mars/X' })).toMatchObject([400, [{ pointer: '/time_zone' }]]);
    expect(await refused({ ...daily, end: '2020-01-01T00:00:00Z' })).toMatchObject([400, [{ pointer: '/end' }]]);
    expect(await refused({ ...daily, task: { ...task, task_type: 'unheard_of' } })).toMatchObject([422, undefined]);
    const { client: narrow } = await gateway.client(tenant, { role: 'operator', allowedTaskTypes: ['testing'] });
    expect((await put('bad', daily, narrow)).status).toBe(403);
    expect((await client.get<ScheduleList>(path)).body.schedules).toEqual([]);
  });

  it('show times before they are there', async () => {
    const preview = (body: object) => client.call<{ next: string[] }>(`${path}/preview`, { body });
    const found = await preview({
      when: { kind: 'cron', expression: '30 2 * * *' },
      time_zone: 'America/New_York',
      start: '2099-03-07T00:00:00Z',
    });
    expect(found.body.next.slice(0, 2)).toEqual(['2099-03-07T07:30:00.000Z', '2099-03-08T07:00:00.000Z']);
    expect((await preview({ when: { kind: 'cron', expression: '0 0 30 2 *' } })).status).toBe(400);
  });

  it('pause with a note and go on; what lay between counts as skipped', async () => {
    await put('hourly', { ...daily, when: { kind: 'interval', every_s: 3_600 } });
    const paused = await client.call<ScheduleDetail>(`${path}/hourly/pause`, { body: { note: 'wait' } });
    expect(paused.body).toMatchObject({ next_at: null, paused: { kind: 'user', note: 'wait', by: 'test' } });
    expect(paused.body.next).toHaveLength(10);
    await gateway.database.query(
      `update schedule set nominal_at = nominal_at - interval '3 hours' where tenant_id = (select tenant_id from tenant where name like $1)`,
      [`${tenant}%`],
    );
    const resumed = await client.call<ScheduleDetail>(`${path}/hourly/resume`, { method: 'POST' });
    expect(resumed.body).toMatchObject({ paused: null, skipped: { paused: 3 } });
    expect(Date.parse(resumed.body.next_at ?? '')).toBeGreaterThan(Date.now());
    const { body } = await client.get<FirePage>(`${path}/hourly/fires`);
    expect(body.fires).toMatchObject([{ state: 'skipped', reason: 'paused', times: 3 }]);
  });

  it('are triggered and filled up by callers that may submit their task, page by page', async () => {
    await put('daily', { ...daily, when: { kind: 'interval', every_s: 86_400 } });
    const { client: narrow } = await gateway.client(tenant, { role: 'operator', allowedTaskTypes: ['testing'] });
    expect((await narrow.call(`${path}/daily/trigger`, { method: 'POST' })).status).toBe(403);
    const fired = await client.call(`${path}/daily/trigger`, { body: { overlap: 'allow_all' } });
    expect([fired.status, fired.body]).toMatchObject([202, { origin: 'trigger', state: 'pending', by: 'test' }]);
    const range = { from: '2026-10-01T00:00:00Z', to: '2026-10-11T00:00:00Z' };
    const filled = await client.call(`${path}/daily/backfill`, { body: range });
    expect([filled.status, filled.body]).toEqual([202, { times: 10, added: 10 }]);
    expect((await client.call(`${path}/daily/backfill`, { body: range })).body).toEqual({ times: 10, added: 0 });
    const ahead = { from: '2026-10-01T00:00:00Z', to: '2999-01-01T00:00:00Z' };
    expect((await client.call(`${path}/daily/backfill`, { body: ahead })).status).toBe(400);

    const first = (await client.get<FirePage>(`${path}/daily/fires?limit=6`)).body;
    const second = (await client.get<FirePage>(`${path}/daily/fires?limit=6&cursor=${first.next_cursor ?? ''}`)).body;
    expect([first.fires.length, second.fires.length, second.next_cursor]).toEqual([6, 5, null]);
    expect((await client.get(`${path}/daily/fires?cursor=x`)).status).toBe(400);
  });

  it('stand in the audit trail when they are written, paused, asked to fire, and deleted', async () => {
    await put('seen');
    await client.call(`${path}/seen/pause`, { body: {} });
    await client.call(`${path}/seen/trigger`, { method: 'POST' });
    await client.fetch(`${path}/seen`, { method: 'DELETE' });
    const { body } = await client.get<{ entries: { action: string }[] }>('/api/v1/audit?limit=10');
    expect(body.entries.map(({ action }) => action).filter((action) => action.startsWith('schedule.'))).toEqual([
      'schedule.deleted',
      'schedule.changed',
      'schedule.changed',
      'schedule.created',
    ]);
  });
});
