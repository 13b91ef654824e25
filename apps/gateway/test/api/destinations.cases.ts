import type { DeliveryPage, DestinationList, DestinationView } from '@pulser/contracts';

import type { Answer, Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/destinations';
const mail = { name: 'ops', kind: 'email', to: 'ops@example.com' };

describe('destinations', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeEach(async () => {
    gateway = await sharedGateway();
    const tenant = `mail-${crypto.randomUUID()}`;
    ({ client, tenantId } = await gateway.client(tenant));
  });

  const add = (body: object = mail): Promise<Answer<DestinationView>> => client.call<DestinationView>(path, { body });

  const list = async (of = client): Promise<DestinationList['destinations']> =>
    (await of.get<DestinationList>(path)).body.destinations;

  const codeOf = async (destinationId: string): Promise<string> => {
    const [row] = await gateway.database.query<{ code: string }>(
      `select content ->> 'code' as code from notification join notification_delivery using (tenant_id, notification_id)
       where destination_id = $1 and kind = 'confirmation' order by notification_id desc limit 1`,
      [destinationId],
    );
    return row?.code ?? '';
  };

  const confirmed = async (): Promise<DestinationView> => {
    const { body } = await add();
    await gateway.stranger.call(`${path}/confirm`, { body: { code: await codeOf(body.destination_id) } });
    return body;
  };

  it('are added, shown, changed and deleted, each with one address', async () => {
    const added = await add({ ...mail, quiet: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' } });
    expect([added.status, added.body]).toMatchObject([
      201,
      {
        name: 'ops',
        kind: 'email',
        to: 'ops@example.com',
        url: null,
        secret: null,
        confirmed_at: null,
        made_by: 'test',
      },
    ]);
    const own = `${path}/${added.body.destination_id}`;
    const hook = { name: 'hook', kind: 'webhook', url: 'https://hook.test/x', secret: 'hook-key' };
    expect((await add(hook)).body).toMatchObject({ url: 'https://hook.test/x', secret: 'hook-key', to: null });
    expect((await list()).map(({ name }) => name)).toEqual(['hook', 'ops']);
    expect((await client.call(own, { method: 'PATCH', body: { quiet: null } })).body).toMatchObject({ quiet: null });
    expect((await client.fetch(own, { method: 'DELETE' })).status).toBe(204);
    expect((await client.get(own)).status).toBe(404);
  });

  it('are confirmed by whoever received the code, who needs no key, once', async () => {
    const { destination_id: id } = (await add()).body;
    const code = await codeOf(id);
    const written = `${code.slice(0, 5)}-${code.slice(5, 10)} ${code.slice(10)}`.toLowerCase();
    const confirm = () => gateway.stranger.call(`${path}/confirm`, { body: { code: written } });
    expect(await confirm()).toMatchObject({ status: 200, body: { name: 'ops', kind: 'email' } });
    expect(await confirm()).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await list())[0]?.confirmed_at).toEqual(expect.any(String));
  });

  it('show their code to nobody but the receiver', async () => {
    const { destination_id: id } = (await add()).body;
    const answers = await Promise.all(
      [path, `${path}/${id}`, `${path}/${id}/deliveries`, '/api/v1/audit'].map(async (of) =>
        (await client.fetch(of)).text(),
      ),
    );
    const code = await codeOf(id);
    expect(code).toHaveLength(20);
    for (const answer of answers) expect(answer).not.toContain(code);
  });

  it('get another code a minute later at the earliest, and a test once they are confirmed', async () => {
    const { destination_id: id } = (await add()).body;
    const test = () => client.call(`${path}/${id}/test`, { method: 'POST' });
    expect(await test()).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    await gateway.database.query(`update destination set code_expires_at = code_expires_at - interval '2 minutes'`);
    const before = await codeOf(id);
    expect(await test()).toMatchObject({ status: 202, body: { sent: 'confirmation' } });
    expect((await gateway.stranger.call(`${path}/confirm`, { body: { code: before } })).status).toBe(404);
    await gateway.stranger.call(`${path}/confirm`, { body: { code: await codeOf(id) } });
    expect(await test()).toMatchObject({ status: 202, body: { sent: 'test' } });
  });

  it('have a log of deliveries, each of which is sent again on request under the same id', async () => {
    const { destination_id: id } = await confirmed();
    await client.call(`${path}/${id}/test`, { method: 'POST' });
    const log = async () => (await client.get<DeliveryPage>(`${path}/${id}/deliveries`)).body.deliveries;
    const [newest] = await log();
    expect(newest).toMatchObject({ kind: 'test', state: 'pending', subject: 'Test of ops', attempts: 0, log: [] });
    const again = `/api/v1/deliveries/${newest?.delivery_id ?? ''}/redeliver`;
    expect((await client.fetch(again, { method: 'POST' })).status).toBe(404);
    const entry = { at: '2026-11-29T10:00:00+00:00', ms: 5, outcome: 'failed', detail: 'The server answered 500' };
    await gateway.database.query(
      `update notification_delivery set state = 'failed', attempts = 8, log = jsonb_build_array($2::jsonb)
       where delivery_id = $1`,
      [newest?.delivery_id, JSON.stringify(entry)],
    );
    expect((await client.fetch(again, { method: 'POST' })).status).toBe(202);
    expect((await log())[0]).toMatchObject({
      state: 'pending',
      message_id: newest?.message_id,
      log: [{ ...entry, at: '2026-11-29T10:00:00.000Z' }],
    });
    const failed = await client.get<DeliveryPage>(`${path}/${id}/deliveries?state=failed`);
    expect(failed.body.deliveries).toEqual([]);
  });

  it.each([
    ['an address that is none', { ...mail, to: 'ops' }, '/to'],
    ['several receivers', { ...mail, to: 'a@example.com, b@example.com' }, '/to'],
    ['a scheme that is no web', { name: 'x', kind: 'webhook', url: 'file:///etc/passwd', secret: 'a' }, '/url'],
    ['a webhook that is not signed', { name: 'x', kind: 'webhook', url: 'https://a.test/' }, '/secret'],
    ['an address of Slack instead of its secret', { name: 'x', kind: 'slack', url: 'https://hooks.slack.com/' }, ''],
    ['a name that is none', { ...mail, name: 'Ops!' }, '/name'],
    ['a time zone that is none', { ...mail, quiet: { from: '22:00', to: '07:00', time_zone: 'Moon' } }, '/quiet'],
    ['the log of the health service', { name: 'x', kind: 'log' }, ''],
    ['incidents, which are of the installation', { ...mail, incidents_from: 'info' }, '/incidents_from'],
  ])('refuse %s', async (_, body, pointer) => {
    const answer = await client.call<{ code: string; errors: { pointer: string }[] }>(path, { body });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.errors.some((error) => error.pointer.startsWith(pointer))).toBe(true);
    expect(await list()).toEqual([]);
  });

  it('refuse a second one of a name, and more than fifty', async () => {
    await add();
    expect(await add()).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await gateway.database.query(
      `insert into destination (tenant_id, name, kind, made_by)
       select $1, 'more-' || n, 'email', 'test' from generate_series(1, 49) n`,
      [tenantId],
    );
    expect((await add({ ...mail, name: 'one-more' })).status).toBe(409);
  });

  it('of the installation are for its keys alone, stand in its trail, and are told of incidents', async () => {
    const { client: operator } = await gateway.operator();
    const name = `ops-${crypto.randomUUID().slice(0, 8)}`;
    const order = { ...mail, name, incidents_from: 'warning', after_min: 15 };
    const added = await operator.call<DestinationView>(path, { body: order });
    expect(added).toMatchObject({ status: 201, body: { incidents_from: 'warning', after_min: 15 } });
    expect(await list()).toEqual([]);
    expect((await client.get(`${path}/${added.body.destination_id}`)).status).toBe(404);
    expect((await list(operator)).map((one) => one.name)).toContain(name);
    const trail = await operator.get<{ entries: object[] }>('/api/v1/installation/audit?limit=1');
    expect(trail.body.entries).toMatchObject([{ action: 'destination.created', targets: [name] }]);
    expect((await operator.get('/api/v1/installation/audit/verdict')).body).toMatchObject({ intact: true });
    await operator.fetch(`${path}/${added.body.destination_id}`, { method: 'DELETE' });
  });
});
