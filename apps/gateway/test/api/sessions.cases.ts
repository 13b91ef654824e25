import { LoginCodes, systemActor } from '@pulser/context-bus';
import type { AuditPage, CallerView, LoginWays, SessionPage, SessionView } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { type Answer, type Call, Client } from '../client.js';
import { EventSource } from '../event-source.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { callAs } from '../other-host.js';
import { sharedGateway } from '../shared-gateway.js';

const path = '/api/v1/sessions';
const pause = '/api/v1/agents/maya/pause';

const ownPage = { 'sec-fetch-site': 'same-origin' };

const secretOf = ({ cookie = '' }: Client): string => cookie.slice(cookie.indexOf('=') + 1);

describe('a browser that logs in with a key', () => {
  let gateway: GatewayUnderTest;
  let admin: Client;
  let tenantId: string;
  let keyId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client: admin, tenantId, keyId } = await gateway.client());
  });

  const logIn = (key = admin.key, call: Call = {}): Promise<Answer<SessionView>> =>
    gateway.stranger.call<SessionView>(path, { body: { key }, ...call });

  it('gets a cookie for this host alone, over safe connections, that no script and no other site can use', async () => {
    const { status, headers, body } = await logIn(admin.key, { headers: { 'user-agent': 'Firefox/150.0\u00e9' } });
    expect([status, body]).toEqual([
      201,
      {
        session_id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
        ...{ name: 'test', display_name: null, key_id: keyId, role: 'admin', made_by: 'key' },
        ...{ user_agent: 'Firefox/150.0.', network: '127.0.0.0/24', current: true },
        created_at: expect.any(String) as string,
        last_used_at: body.created_at,
        idle_ends_at: new Date(Date.parse(body.created_at) + 43_200_000).toISOString(),
        ends_at: new Date(Date.parse(body.created_at) + 604_800_000).toISOString(),
      },
    ]);
    const [pair = '', ...attributes] = (headers.get('set-cookie') ?? '').split('; ');
    expect(pair).toMatch(/^__Host-pulser=[\w-]{43}$/);
    expect(attributes).toEqual(['Path=/', 'Max-Age=604800', 'HttpOnly', 'Secure', 'SameSite=Strict']);
    expect(JSON.stringify(body)).not.toContain(pair.split('=')[1]);
  });

  it('leaves only a hash of its secret in the database', async () => {
    const secret = secretOf(await admin.logIn());
    const [row] = await gateway.database.query<{ found: number }>(
      `select count(*)::int as found from session s
       where s.secret_hash = sha256(convert_to($1, 'UTF8')) and to_jsonb(s)::text not like '%' || $1 || '%'`,
      [secret],
    );
    expect(row?.found).toBe(1);
  });

  it('is the principal of its key, with its role, its task types, its tenant and its limits', async () => {
    const bounds = { role: 'operator', allowedTaskTypes: ['testing'] } as const;
    const { client } = await gateway.client('acme', bounds);
    const page = await client.logIn();
    const [mine, its] = [await client.get<CallerView>('/api/v1/me'), await page.get<CallerView>('/api/v1/me')];
    expect(its.body).toMatchObject({
      ...mine.body,
      session_id: expect.any(String) as string,
      expires_at: expect.any(String) as string,
    });
    expect(mine.body.session_id).toBeNull();
    expect(its.headers.get('ratelimit-policy')).toBe(mine.headers.get('ratelimit-policy'));
    const body = { task_type: 'analytics', payload: { operation: 'query' } };
    expect((await page.call('/api/v1/tasks', { body })).body).toMatchObject({
      code: 'forbidden',
      allowed_task_types: ['testing'],
    });
  });

  it('is nobody beside a header Authorization, right or wrong', async () => {
    const page = await admin.logIn();
    const { client: other, tenantId: otherTenant } = await gateway.client('other');
    const authorization = `Bearer ${other.key ?? ''}`;
    expect((await page.get('/api/v1/me', { authorization })).body).toMatchObject({
      tenant_id: otherTenant,
      session_id: null,
    });
    for (const wrong of ['Bearer wrong', 'Basic abc', '']) {
      expect((await page.get('/api/v1/me', { authorization: wrong })).status).toBe(401);
    }
  });

  it.each([
    [{ key: 'pulser_wrong' }, 401, 'unauthenticated'],
    [{ key: 'a.b.c' }, 401, 'unauthenticated'],
    [{ code: 'wrong' }, 401, 'unauthenticated'],
    [{}, 400, 'invalid_request'],
    [{ key: 'x', code: 'y' }, 400, 'invalid_request'],
    [{ key: 'x'.repeat(201) }, 400, 'invalid_request'],
    [{ key: 7 }, 400, 'invalid_request'],
  ])('is refused, and gets no cookie, for %j', async (body, status, code) => {
    const answer = await gateway.stranger.call(path, { body });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('never keeps a secret that somebody else chose, and has one session at a time', async () => {
    const chosen = `__Host-pulser=${'x'.repeat(43)}`;
    const first = await new Client(gateway.url, admin.key, chosen).logIn();
    expect(secretOf(first)).not.toBe('x'.repeat(43));
    expect((await new Client(gateway.url, undefined, chosen).get('/api/v1/me')).status).toBe(401);

    const { client: other, tenantId: otherTenant } = await gateway.client('other');
    const second = await logIn(other.key, { headers: { cookie: first.cookie ?? '', ...ownPage } });
    expect(second.status).toBe(201);
    expect((await first.get('/api/v1/me')).status).toBe(401);
    const cookie = /^[^;]+/.exec(second.headers.get('set-cookie') ?? '')?.[0];
    expect((await new Client(gateway.url, undefined, cookie).get('/api/v1/me')).body).toMatchObject({
      tenant_id: otherTenant,
    });
  });

  it('cannot be told which of two cookies is meant', async () => {
    const page = await admin.logIn();
    const cookie = `${page.cookie ?? ''}; __Host-pulser=${'x'.repeat(43)}`;
    expect((await new Client(gateway.url, undefined, cookie).get('/api/v1/me')).status).toBe(401);
    const among = `theme=dark; ${page.cookie ?? ''}; x=y`;
    expect((await new Client(gateway.url, undefined, among).get('/api/v1/me')).status).toBe(200);
  });

  it('has 50 sessions at most: a further one ends the oldest', async () => {
    const { client, keyId: id } = await gateway.client('many', { role: 'viewer' });
    const first = await client.logIn();
    await gateway.database.query(
      `insert into session (tenant_id, secret_hash, key_id, made_by, idle_ends_at, ends_at)
       select tenant_id, sha256(convert_to(n::text, 'UTF8')), key_id, 'key', now() + interval '1 h', now() + interval '1 h'
       from api_key, generate_series(1, 49) n where key_id = $1`,
      [id],
    );
    const last = await client.logIn();
    expect((await first.get('/api/v1/me')).status).toBe(401);
    const { sessions } = (await last.get<SessionPage>(`${path}?limit=100`)).body;
    expect(sessions).toHaveLength(50);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
  });

  describe('and then changes something', () => {
    let page: Client;
    let host: string;

    beforeAll(async () => {
      page = await admin.logIn();
      host = new URL(gateway.url).host;
    });

    const send = async (
      headers: Readonly<Record<string, string>>,
      target = pause,
      body: object = {},
    ): Promise<Answer> => gateway.stranger.call(target, { body, headers: { cookie: page.cookie ?? '', ...headers } });

    it('is let through for a page of the gateway', async () => {
      expect((await send(ownPage)).status).toBe(200);
      expect((await send({ ...ownPage, origin: `http://${host}` })).status).toBe(200);
      // Browsers without the first header.
      expect((await send({ origin: `http://${host}` })).status).toBe(200);
      expect((await send({ origin: `https://${host}` })).status).toBe(200);
    });

    const foreign: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
      ['another site that claims our origin', { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1' }],
      ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:3000' }],
      ['the address bar, with a foreign origin', { 'sec-fetch-site': 'none', origin: 'https://evil.example' }],
      ['the address bar', { 'sec-fetch-site': 'none' }],
      ['a header with nothing in it', { 'sec-fetch-site': '' }],
      ['an older browser, on another site', { origin: 'https://evil.example' }],
      ['an older browser, on another port', { origin: 'http://127.0.0.1:3000' }],
      ['an older browser, in a frame without an origin', { origin: 'null' }],
      ['an older browser, on an origin that begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
      ['the origin that CORS allows', { origin: 'https://app.dev' }],
      [
        'the origin that CORS allows, in a newer browser',
        { 'sec-fetch-site': 'cross-site', origin: 'https://app.dev' },
      ],
      ['what sends neither header', {}],
    ];

    it.each(foreign)('is refused for %s, on every method and for the login too', async (_, headers) => {
      const refused = { status: 403, body: { code: 'cross_site_request' } };
      expect(await send(headers)).toMatchObject(refused);
      expect(await send(headers, '/api/v1/tasks', { task_type: 'analytics', payload: {} })).toMatchObject(refused);
      expect(await send(headers, path, { key: admin.key })).toMatchObject(refused);
      for (const method of ['DELETE', 'PUT', 'PATCH']) {
        const call = { method, headers: { cookie: page.cookie ?? '', ...headers } };
        const target = {
          DELETE: `${path}/current`,
          PUT: '/api/v1/settings/allowed-hosts',
          PATCH: '/api/v1/uploads/00',
        };
        const response = await gateway.stranger.fetch(target[method as keyof typeof target], call);
        expect([method, response.status]).toEqual([method, 403]);
      }
      expect((await page.get('/api/v1/me')).status).toBe(200);
    });

    it('may read, as an event stream of a page and a link do, without such a header', async () => {
      const taskId = await page.submit();
      expect((await page.get('/api/v1/tasks', { 'sec-fetch-site': 'none' })).status).toBe(200);
      const client = new Client(gateway.url, undefined, page.cookie);
      const stream = await EventSource.open(client, `/api/v1/tasks/${taskId}/events`, { 'sec-fetch-site': '' });
      expect(stream.response.status).toBe(200);
      stream.close();
    });

    it('is never combined with CORS: no other origin is told that it may send or read with the cookie', async () => {
      for (const origin of ['https://app.dev', 'https://evil.example']) {
        const read = await page.get('/api/v1/me', { origin, 'sec-fetch-site': 'cross-site' });
        expect(read.headers.get('access-control-allow-credentials')).toBeNull();
        const asked = await gateway.stranger.fetch(pause, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        });
        expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
      }
    });

    it('stands in the audit trail as its key, by this session', async () => {
      const { session_id } = (await page.get<CallerView>('/api/v1/me')).body;
      const reason = crypto.randomUUID();
      await page.call('/api/v1/agents/echo/pause', { body: { reason } });
      const [entry] = (await admin.get<AuditPage>('/api/v1/audit?action=pause.created')).body.entries;
      expect(entry?.actor).toEqual({
        ...{ kind: 'key', id: keyId, name: 'test', origin: '127.0.0.1', via: 'POST /api/v1/agents/:name/pause' },
        session_id,
      });
    });
  });

  it.each([
    ['no login', {}],
    ['a login that is over', { cookie: `__Host-pulser=${'x'.repeat(43)}` }],
  ])('cannot be logged in by a page of another site: with %s', async (_, headers) => {
    const answer = await logIn(admin.key, { headers: { ...headers, 'sec-fetch-site': 'cross-site' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'cross_site_request' } });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('leaves its login and its logout in the audit trail', async () => {
    const page = await admin.logIn();
    const { session_id } = (await page.get<CallerView>('/api/v1/me')).body;
    const answer = await page.fetch(`${path}/current`, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([
      204,
      '__Host-pulser=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict',
    ]);
    expect((await page.get('/api/v1/me')).status).toBe(401);
    const { entries } = (await admin.get<AuditPage>(`/api/v1/audit?target=${session_id ?? ''}`)).body;
    expect(entries.map(({ action, actor }) => [action, actor.id, actor.via, actor.session_id])).toEqual([
      ['session.revoked', keyId, 'DELETE /api/v1/sessions/current', session_id],
      ['session.created', keyId, 'POST /api/v1/sessions', null],
    ]);
    expect((await admin.get('/api/v1/audit/verdict')).body).toMatchObject({ intact: true });
  });

  describe('by a one-time code', () => {
    const codes = (): LoginCodes => new LoginCodes(gateway.worker.database);
    const newCode = (): Promise<string> => codes().create(tenantId, systemActor('test'), keyId);
    const use = (code: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      gateway.stranger.call(path, { body: { code }, headers });

    it('is logged in as the key of the code', async () => {
      const answer = await use(await newCode(), ownPage);
      expect(answer).toMatchObject({ status: 201, body: { made_by: 'code', key_id: keyId, name: 'test' } });
      const { entries } = (await admin.get<AuditPage>('/api/v1/audit')).body;
      expect(entries.slice(0, 2).map(({ action, actor }) => [action, actor.kind])).toEqual([
        ['session.created', 'key'],
        ['login-code.created', 'system'],
      ]);
    });

    it('is logged in once, however many try at the same time', async () => {
      const code = await newCode();
      const statuses = (await Promise.all(Array.from({ length: 8 }, () => use(code)))).map(({ status }) => status);
      expect(statuses.sort()).toEqual([201, ...Array<number>(7).fill(401)]);
      expect(await use(code)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    });

    it('is too late after five minutes', async () => {
      const code = await newCode();
      const shift = (seconds: number): Promise<unknown> =>
        gateway.database.query(
          `update login_code set expires_at = created_at + interval '300 s' - make_interval(secs => $1), 
             created_at = created_at - make_interval(secs => $1) where used_at is null`,
          [seconds],
        );
      await shift(301);
      expect(await use(code)).toMatchObject({ status: 401 });
      const [row] = await gateway.database.query<{ life: number }>(
        'select extract(epoch from expires_at - created_at)::int as life from login_code limit 1',
      );
      expect(row?.life).toBe(300);
    });

    it.each([
      ['a proxy', { 'x-forwarded-for': '203.0.113.7' }],
      ['a proxy that says little', { via: '1.1 proxy' }],
      ['a proxy with a standard header', { forwarded: 'for=203.0.113.7' }],
    ])('is refused through %s, and the code is not used up', async (_, headers) => {
      const code = await newCode();
      expect(await use(code, headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect((await use(code)).status).toBe(201);
    });

    it('is refused on another host, and the code is not used up', async () => {
      const code = await newCode();
      const answer = await callAs('pulser.example', gateway.url + path, { body: { code }, headers: ownPage });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect((await use(code)).status).toBe(201);
    });

    it('is not logged in when the key was revoked meanwhile', async () => {
      const { keyId: other } = await gateway.client();
      const code = await codes().create(tenantId, systemActor('test'), other);
      await gateway.database.query('update api_key set revoked_at = now() where key_id = $1', [other]);
      expect(await use(code)).toMatchObject({ status: 401 });
    });

    it('leaves only a hash of the code in the database', async () => {
      const code = await newCode();
      const rows = await gateway.database.query<{ text: string }>('select to_jsonb(c)::text as text from login_code c');
      expect(rows.map(({ text }) => text).join()).not.toContain(code);
    });
  });

  describe('over plain http from another machine', () => {
    const ways = async (host: string, headers: Readonly<Record<string, string>> = {}): Promise<LoginWays> =>
      (await callAs<LoginWays>(host, `${gateway.url}${path}/ways`, { headers })).body;

    const logInAt = (host: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      callAs(host, gateway.url + path, { body: { key: admin.key }, headers });

    it('is told that it cannot, and why, before it asks for a key', async () => {
      expect(await ways('pulser.example')).toEqual({
        ...{ possible: false, logged_in: false, ways: [], oidc_start: null },
        reason: expect.stringMatching(/plain http.*TLS/) as string,
      });
    });

    it('gets the same as a problem, and no cookie', async () => {
      const answer = await logInAt('pulser.example');
      expect(answer).toMatchObject({ status: 403, body: { code: 'insecure_connection' } });
      expect(answer.headers.get('set-cookie')).toBeNull();
    });

    it('can, when its browser trusts the connection: TLS ended at a proxy', async () => {
      expect(await ways('pulser.example', ownPage)).toEqual({
        ...{ possible: true, logged_in: false, ways: ['key'], reason: null, oidc_start: null },
      });
      expect((await logInAt('pulser.example', ownPage)).status).toBe(201);
      expect((await logInAt('pulser.example', { origin: 'https://pulser.example' })).status).toBe(201);
      expect((await logInAt('pulser.example', { origin: 'http://pulser.example' })).status).toBe(403);
    });

    it.each(['127.0.0.1:8000', 'localhost', '[::1]:8000'])('is not meant by %s', async (host) => {
      expect(await ways(host)).toMatchObject({ possible: true, ways: ['key', 'code'] });
    });
  });
});

describe('the sessions of a tenant', () => {
  let gateway: GatewayUnderTest;
  let admin: Client;
  let viewer: Client;
  let pages: Readonly<Record<'admin' | 'viewer', Client>>;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client: admin } = await gateway.client());
    ({ client: viewer } = await gateway.client('acme', { role: 'viewer', name: 'reader' }));
    pages = { admin: await admin.logIn(), viewer: await viewer.logIn() };
  });

  const namesFor = async (client: Client, query = ''): Promise<string[]> =>
    (await client.get<SessionPage>(path + query)).body.sessions.map(({ name }) => name);

  it('are all shown to an administrator, and to others their own', async () => {
    for (const client of [admin, pages.admin]) expect(await namesFor(client)).toEqual(['reader', 'test']);
    for (const client of [viewer, pages.viewer]) expect(await namesFor(client)).toEqual(['reader']);
    const { client: stranger } = await gateway.client('other');
    expect(await namesFor(stranger)).toEqual([]);
  });

  it('are known to the login, which has nothing to ask of who has one', async () => {
    const knows = async (page: Client): Promise<boolean> => (await page.get<LoginWays>(`${path}/ways`)).body.logged_in;
    expect([await knows(pages.viewer), await knows(gateway.stranger)]).toEqual([true, false]);
  });

  it('come in pages', async () => {
    const { body } = await admin.get<SessionPage>(`${path}?limit=1`);
    expect(body.sessions.map(({ name }) => name)).toEqual(['reader']);
    expect(await namesFor(admin, `?limit=1&cursor=${body.next_cursor ?? ''}`)).toEqual(['test']);
    expect((await admin.get(`${path}?cursor=abc`)).body).toMatchObject({ code: 'invalid_request' });
  });

  it('are ended by their owner and by an administrator, and by nobody else', async () => {
    const idOf = async (page: Client): Promise<string> =>
      (await page.get<CallerView>('/api/v1/me')).body.session_id ?? '';
    const end = async (by: Client, id: string): Promise<number> =>
      (await by.fetch(`${path}/${id}`, { method: 'DELETE' })).status;
    const { client: stranger } = await gateway.client('other');
    expect(await end(pages.viewer, await idOf(pages.admin))).toBe(404);
    expect(await end(stranger, await idOf(pages.admin))).toBe(404);
    const mine = await viewer.logIn();
    expect(await end(mine, await idOf(mine))).toBe(204);
    expect((await mine.get('/api/v1/me')).status).toBe(401);
    const id = await idOf(pages.viewer);
    expect(await end(admin, id)).toBe(204);
    expect(await end(admin, id)).toBe(404);
    await eventually(async () => {
      expect((await pages.viewer.get('/api/v1/me')).status).toBe(401);
    });
    expect(await namesFor(admin)).toEqual(['test']);
  });
});
