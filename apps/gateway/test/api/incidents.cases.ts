import { Incidents } from '@pulser/context-bus';
import type { IncidentPage, IncidentStory } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/incidents';

describe('incidents of the installation', () => {
  let gateway: GatewayUnderTest;
  let operator: Client;
  let keyId: string;
  let key: string;
  let id: string;

  beforeEach(async () => {
    gateway = await sharedGateway();
    ({ client: operator, keyId } = await gateway.operator('operator'));
    await gateway.database.query(
      `update health_leader set holder = 'test', epoch = 7, until = now() + interval '1 hour'`,
    );
    key = `agent:${crypto.randomUUID()}`;
    await transition('open');
    id = (await page('?state=open&limit=1')).incidents[0]?.incident_id ?? '';
  });

  const transition = (state: 'open' | 'resolved') =>
    new Incidents(gateway.worker.database).transition(
      {
        ...{ key, kind: 'agent_unhealthy', subject: 'dash', severity: 'critical', state },
        summary: state === 'open' ? 'dash is unhealthy' : 'dash is healthy again',
        detail: { reasons: ['silent'] },
      },
      7,
    );

  const page = async (query = ''): Promise<IncidentPage> => (await operator.get<IncidentPage>(`${path}${query}`)).body;

  const story = async (): Promise<IncidentStory> => (await operator.get<IncidentStory>(`${path}/${id}`)).body;

  it('are listed newest first, by state, page by page, and as a file', async () => {
    const { incidents } = await page('?state=open');
    expect(incidents[0]).toMatchObject({ key, kind: 'agent_unhealthy', severity: 'critical', state: 'open', flaps: 0 });
    await transition('resolved');
    expect((await page('?state=resolved&limit=1')).incidents[0]).toMatchObject({ key, state: 'resolved' });
    expect((await page('?state=open')).incidents.map((one) => one.key)).not.toContain(key);
    const first = await page('?limit=1');
    expect(first.next_cursor).toEqual(expect.any(String));
    expect((await page(`?limit=1&cursor=${first.next_cursor ?? ''}`)).incidents[0]?.key).not.toBe(key);
    const file = await operator.fetch(`${path}?format=csv`);
    expect(await file.text()).toContain(key);
  });

  it('have a timeline, of what Pulser found and what people did', async () => {
    await operator.call(`${path}/${id}/acknowledge`, { body: { note: 'on it' } });
    await transition('resolved');
    const { timeline, acknowledged_by: by } = await story();
    expect(timeline.map(({ change, actor, note }) => [change, actor, note])).toEqual([
      ['opened', null, null],
      ['acknowledged', 'operator', 'on it'],
      ['resolved', null, null],
    ]);
    expect(by).toBe('operator');
  });

  it('are acknowledged once, without a note too', async () => {
    const acknowledge = () => operator.call(`${path}/${id}/acknowledge`, { method: 'POST' });
    expect(await acknowledge()).toMatchObject({ status: 200, body: { acknowledged_by: 'operator' } });
    const { client: another } = await gateway.operator('admin');
    await another.call(`${path}/${id}/acknowledge`, { method: 'POST' });
    expect((await story()).timeline.map(({ change }) => change)).toEqual(['opened', 'acknowledged']);
  });

  it('are silenced with an end and a reason, and heard again', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const silenced = await operator.call(`${path}/${id}/silence`, { body: { until, reason: 'known' } });
    expect(silenced.body).toMatchObject({ silenced_until: until, silenced_by: 'operator', silence_reason: 'known' });
    const heard = await operator.call(`${path}/${id}/silence`, { method: 'DELETE' });
    expect(heard.body).toMatchObject({ silenced_until: null, silence_reason: null });
    expect((await story()).timeline.map(({ change }) => change)).toEqual(['opened', 'silenced', 'unsilenced']);
  });

  it.each([
    ['without a reason', { until: new Date(Date.now() + 60_000).toISOString() }],
    ['without an end', { reason: 'known' }],
    ['until yesterday', { until: new Date(Date.now() - 86_400_000).toISOString(), reason: 'known' }],
    ['for a year', { until: new Date(Date.now() + 365 * 86_400_000).toISOString(), reason: 'known' }],
  ])('are not silenced %s', async (_, body) => {
    expect((await operator.call(`${path}/${id}/silence`, { body })).body).toMatchObject({ code: 'invalid_request' });
  });

  it('stand in the trail of the installation with who acknowledged and silenced them', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await operator.call(`${path}/${id}/acknowledge`, { method: 'POST' });
    await operator.call(`${path}/${id}/silence`, { body: { until, reason: 'known' } });
    const { client: admin } = await gateway.operator('admin');
    const { entries } = (await admin.get<{ entries: object[] }>('/api/v1/installation/audit?limit=3')).body;
    const actor = { id: keyId, origin: '127.0.0.1' };
    expect(entries.slice(1)).toMatchObject([
      { action: 'incident.silenced', targets: [id], actor },
      { action: 'incident.acknowledged', targets: [id], actor },
    ]);
    expect((await admin.get('/api/v1/installation/audit/verdict')).body).toMatchObject({ intact: true });
  });

  it('are changed by no key that has ended', async () => {
    const { client, keyId: ended } = await gateway.operator('operator');
    await client.get(path);
    await gateway.database.query('update installation_key set revoked_at = now() where key_id = $1', [ended]);
    const answer = await client.call(`${path}/${id}/acknowledge`, { method: 'POST' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await story()).acknowledged_at).toBeNull();
  });

  it('are not there under an id that is none', async () => {
    for (const other of ['x', '019a0000-0000-7000-8000-000000000000'])
      expect((await operator.get(`${path}/${other}`)).body).toMatchObject({ status: 404, code: 'not_found' });
  });
});
