import type { AuditPage, CallerView, LoginWays, SessionPage } from '@pulser/contracts';
import { ConfigError } from '@pulser/service-kit';

import { Client } from '../client.js';
import { gatewayEnv, GatewayUnderTest } from '../gateway-under-test.js';
import { IdentityProvider } from '../identity-provider.js';
import { type OidcRules, oidcRules } from '../../src/sessions/oidc.policy.js';
import { SigningKey } from '../signing-key.js';

const publicUrl = 'https://pulser.example';
const base = '/api/v1/sessions/oidc';

const cookiesOf = (response: Response): Map<string, string> =>
  new Map(
    response.headers.getSetCookie().map((line) => {
      const [pair = ''] = line.split('; ');
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    }),
  );

const locationOf = (response: Response): URL => new URL(response.headers.get('location') ?? '', publicUrl);

/** What a browser has after it went to the provider and was sent back. */
interface Back {
  readonly login: string;
  readonly query: string;
}

describe('a person who logs in at the identity provider', () => {
  let provider: IdentityProvider;
  let gateway: GatewayUnderTest;
  let admin: Client;
  let tenantId: string;

  beforeAll(async () => {
    provider = await IdentityProvider.start();
    gateway = await GatewayUnderTest.start(() => ({ ...provider.client, PUBLIC_URL: publicUrl }));
    ({ client: admin, tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await gateway.stop();
    provider.stop();
  });

  const rights = (role: string): Readonly<Record<string, unknown>> => ({ app_metadata: { tenant_id: tenantId, role } });

  beforeEach(() => {
    provider.failure = undefined;
    provider.login = { id: { ...rights('operator'), name: 'Ada Lovelace' }, access: {} };
  });

  const go = (path: string, cookie?: string): Promise<Response> =>
    fetch(gateway.url + path, { redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });

  const start = (query = ''): Promise<Response> => go(`${base}/start${query}`);

  /** To the provider and back. */
  const atProvider = async (started: Response): Promise<Back> => {
    const sentBack = await fetch(locationOf(started), { redirect: 'manual' });
    const to = locationOf(sentBack);
    expect(to.origin + to.pathname).toBe(`${publicUrl}${base}/callback`);
    return { login: cookiesOf(started).get('__Host-pulser-login') ?? '', query: to.search };
  };

  const comeBack = ({ login, query }: Back): Promise<Response> =>
    go(`${base}/callback${query}`, login === '' ? undefined : `__Host-pulser-login=${login}`);

  const logIn = async (query = ''): Promise<Response> => comeBack(await atProvider(await start(query)));

  const pageAfter = (response: Response): Client =>
    new Client(gateway.url, undefined, `__Host-pulser=${cookiesOf(response).get('__Host-pulser') ?? ''}`);

  const refusalOf = async (response: Response): Promise<unknown> => {
    expect(cookiesOf(response).get('__Host-pulser')).toBeUndefined();
    return { status: response.status, body: await response.json() };
  };

  /** What the page's login is told, instead of a session. */
  const failureOf = (response: Response): unknown => {
    expect(cookiesOf(response).get('__Host-pulser')).toBeUndefined();
    const to = locationOf(response);
    expect([response.status, to.origin + to.pathname]).toEqual([303, `${publicUrl}/ui/login`]);
    return Object.fromEntries(to.searchParams);
  };

  it('is told where that begins', async () => {
    const { body } = await gateway.stranger.get<LoginWays>('/api/v1/sessions/ways');
    expect(body).toMatchObject({
      possible: true,
      ways: ['key', 'code', 'oidc'],
      oidc_start: `${publicUrl}${base}/start`,
    });
  });

  it('is sent there with PKCE, state and nonce, which the browser keeps in a cookie that no script reads', async () => {
    const started = await start();
    const to = locationOf(started);
    expect([started.status, to.origin + to.pathname]).toEqual([303, `${provider.issuer}/authorize`]);
    expect(Object.fromEntries(to.searchParams)).toEqual({
      client_id: 'pulser-page',
      response_type: 'code',
      scope: 'openid email',
      redirect_uri: `${publicUrl}${base}/callback`,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(started.headers.get('set-cookie')).toMatch(
      /^__Host-pulser-login=[\w-]+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('comes back to the page, logged in as the person that the identity token names', async () => {
    const back = await logIn('?return_to=/ui/tasks%3Fstatus=failed');
    expect([back.status, back.headers.get('location')]).toEqual([303, '/ui/tasks?status=failed']);
    expect(back.headers.getSetCookie()).toEqual([
      '__Host-pulser-login=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
      expect.stringMatching(
        /^__Host-pulser=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$/,
      ) as string,
    ]);
    const page = pageAfter(back);
    const me = (await page.get<CallerView>('/api/v1/me')).body;
    expect(me).toMatchObject({ tenant: 'acme', name: 'ada', key_id: null, role: 'operator', allowed_task_types: null });
    expect((await page.get(`/api/v1/tasks/${await page.submit()}`)).status).toBe(200);
    expect((await page.get('/api/v1/keys')).status).toBe(403);
    const { sessions } = (await page.get<SessionPage>('/api/v1/sessions')).body;
    expect(sessions[0]).toMatchObject({
      ...{ name: 'ada', display_name: 'Ada Lovelace', key_id: null, made_by: 'oidc', current: true },
    });
    const { entries } = (await admin.get<AuditPage>('/api/v1/audit?action=session.created')).body;
    expect(entries[0]?.actor).toMatchObject({ kind: 'person', id: 'ada', via: 'GET /api/v1/sessions/oidc/callback' });
  });

  it('has the rights that the access token says, when the identity token says none', async () => {
    provider.login = { id: {}, access: rights('viewer') };
    expect((await pageAfter(await logIn()).get('/api/v1/me')).body).toMatchObject({ name: 'ada', role: 'viewer' });
  });

  it('loses the sessions of another role when the provider says a new one', async () => {
    const before = pageAfter(await logIn());
    const same = pageAfter(await logIn());
    expect((await before.get('/api/v1/me')).status).toBe(200);
    provider.login = { id: rights('viewer'), access: {} };
    const after = pageAfter(await logIn());
    expect((await after.get('/api/v1/me')).body).toMatchObject({ role: 'viewer' });
    const { sessions } = (await after.get<SessionPage>('/api/v1/sessions')).body;
    expect(sessions.map(({ role }) => role)).toEqual(['viewer']);
    expect((await same.fetch('/api/v1/keys')).status).not.toBe(200);
  });

  describe('is refused, without a session,', () => {
    const invalid = { failed: 'invalid' };
    const expired = { failed: 'expired' };

    const change = (login: string, more: object): string =>
      Buffer.from(
        JSON.stringify({ ...(JSON.parse(Buffer.from(login, 'base64url').toString()) as object), ...more }),
      ).toString('base64url');

    const other = 'x'.repeat(43);

    const forged: readonly (readonly [string, (back: Back, mine: Back) => Back, object?])[] = [
      ['with the state of another login', (back, mine) => ({ ...back, login: mine.login })],
      [
        'with another state',
        ({ query, ...back }) => ({ ...back, query: query.replace(/state=[\w-]+/, `state=${other}`) }),
      ],
      ['without a state', ({ query, ...back }) => ({ ...back, query: query.replace(/&state=[\w-]+/, '') })],
      ['with two states', ({ query, ...back }) => ({ ...back, query: `${query}&state=${other}` })],
      ['with another nonce', ({ login, ...back }) => ({ ...back, login: change(login, { nonce: other }) })],
      ['with another PKCE verifier', ({ login, ...back }) => ({ ...back, login: change(login, { verifier: other }) })],
      [
        'with a code that was made up',
        ({ query, ...back }) => ({ ...back, query: query.replace(/code=[\w-]+/, 'code=x') }),
      ],
      ['without a code', ({ query, ...back }) => ({ ...back, query: query.replace(/code=[\w-]+&/, '') })],
      ['in a browser that began no login', (back) => ({ ...back, login: '' }), expired],
      ['with a cookie that says nothing', (back) => ({ ...back, login: 'e30' }), expired],
      [
        'with a cookie that leads elsewhere',
        ({ login, ...back }) => ({ ...back, login: change(login, { returnTo: '//evil.example' }) }),
        expired,
      ],
      ['with another issuer', ({ query, ...back }) => ({ ...back, query: `${query}&iss=https://evil.example` })],
    ];

    it.each(forged.map(([name, forge, failure = invalid]) => ({ name, forge, failure })))(
      '$name',
      async ({ forge, failure }) => {
        const [back, mine] = [await atProvider(await start()), await atProvider(await start())];
        expect(failureOf(await comeBack(forge(back, mine)))).toEqual(failure);
      },
    );

    it('with a code that was used', async () => {
      const back = await atProvider(await start());
      expect((await comeBack(back)).status).toBe(303);
      expect(failureOf(await comeBack(back))).toEqual(invalid);
    });

    it('when the provider says no, and goes on where it wanted to at the next try', async () => {
      const { login, query } = await atProvider(await start('?return_to=/ui/tasks%3Fstatus=failed'));
      const state = /state=[\w-]+/.exec(query)?.[0] ?? '';
      const denied = await comeBack({ login, query: `?error=access_denied&${state}` });
      expect(denied.headers.getSetCookie()).toEqual([
        '__Host-pulser-login=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
      ]);
      expect(failureOf(denied)).toEqual({ failed: 'denied', back: '/tasks?status=failed' });
    });

    it('without a word of what an address says', async () => {
      const { login, query } = await atProvider(await start());
      const state = /state=[\w-]+/.exec(query)?.[0] ?? '';
      const odd = await comeBack({ login, query: `?error=%3Cb%3E&error_description=x&${state}` });
      expect(failureOf(odd)).toEqual(invalid);
    });

    it.each<[string, Readonly<Record<string, unknown>>]>([
      ['is for another client', { aud: 'authenticated' }],
      ['is of another issuer', { iss: 'https://evil.example' }],
      ['has expired', { exp: 1_000 }],
      ['says another nonce', { nonce: other }],
      ['says no nonce', { nonce: undefined }],
    ])('when the identity token %s', async (_, claims) => {
      provider.login = { id: { ...rights('admin'), ...claims }, access: {} };
      expect(failureOf(await logIn())).toEqual(invalid);
    });

    it('when the identity token is signed with a key that the provider does not publish', async () => {
      const back = await atProvider(await start());
      const published = provider.keys;
      await gateway.stranger.get('/api/v1/me', { authorization: `Bearer ${provider.token(tenantId)}` });
      provider.keys = [...published, new SigningKey()];
      const answer = await comeBack(back);
      provider.keys = published;
      expect(failureOf(answer)).toEqual(invalid);
    });

    it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
      ['no rights at all', {}, {}],
      ['rights of its own making', { user_metadata: { role: 'admin' }, role: 'admin' }, {}],
      ['an unknown tenant', { app_metadata: { tenant_id: '019a0000-0000-7000-8000-000000000000', role: 'admin' } }, {}],
      ['an unknown role', { app_metadata: { role: 'root' } }, {}],
    ])('with %s', async (_, id, access) => {
      provider.login = { id, access };
      expect(failureOf(await logIn())).toEqual({ failed: 'no_rights' });
    });

    it('with the rights of somebody else’s access token', async () => {
      provider.login = { id: {}, access: { ...rights('admin'), sub: 'eve' } };
      expect(failureOf(await logIn())).toEqual({ failed: 'no_rights' });
    });

    it('while the provider cannot be asked, and gets in afterwards', async () => {
      const back = await atProvider(await start());
      provider.failure = { status: 500, body: '{}' };
      expect(failureOf(await comeBack(back))).toEqual({ failed: 'unavailable' });
      provider.failure = undefined;
      expect((await logIn()).status).toBe(303);
    });
  });

  it.each([
    '//evil.example',
    'https://evil.example/ui',
    '/\\evil.example',
    '/ui/../api/v1/keys',
    '/uix',
    '/',
    '',
    '/ui\n',
  ])('is led nowhere but to the page: %j', async (path) => {
    const answer = await start(`?return_to=${encodeURIComponent(path)}`);
    if (path === '/ui\n') expect(answer.status).toBe(303);
    else expect(await refusalOf(answer)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('needs a gateway that says what it is called, and by whom', () => {
    const rules = (changes: Readonly<Record<string, string>> = {}): OidcRules | undefined =>
      oidcRules(
        gatewayEnv(gateway.database, gateway.broker, { ...provider.client, PUBLIC_URL: publicUrl, ...changes }),
      );
    expect(rules()?.redirectUri).toBe(`${publicUrl}${base}/callback`);
    for (const [wrong, named] of [
      [{ PUBLIC_URL: '' }, 'PUBLIC_URL'],
      [{ PUBLIC_URL: 'http://pulser.example' }, 'https://'],
      [{ JWT_ISSUER: '' }, 'JWT_ISSUER'],
      [{ OIDC_CLIENT_ID: '' }, 'OIDC_CLIENT_ID'],
    ] as const) {
      expect(() => rules(wrong)).toThrow(ConfigError);
      expect(() => rules(wrong)).toThrow(named);
    }
  });
});
