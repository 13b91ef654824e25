import type { CallerView } from '@pulser/contracts';

import { type Answer, Client } from '../client.js';
import { hmac, nowS, token } from '../forged-token.js';
import { GatewayUnderTest } from '../gateway-under-test.js';
import { IdentityProvider } from '../identity-provider.js';
import { SigningKey } from '../signing-key.js';

type Forged = readonly [string, (provider: IdentityProvider, tenantId: string) => string];

const stranger = new SigningKey();

const claimsAreWrong: readonly Forged[] = [
  ['is for another audience', (provider, tenant) => provider.token(tenant, { aud: 'other' })],
  ['is for nobody', (provider, tenant) => provider.token(tenant, { aud: undefined })],
  ['is of another issuer', (provider, tenant) => provider.token(tenant, { iss: 'https://login.example' })],
  ['is of an issuer with another path', (provider, tenant) => provider.token(tenant, { iss: `${provider.issuer}/` })],
  ['is of no issuer', (provider, tenant) => provider.token(tenant, { iss: undefined })],
  ['has expired', (provider, tenant) => provider.token(tenant, { exp: nowS() - 40 })],
  ['never expires', (provider, tenant) => provider.token(tenant, { exp: undefined })],
  ['expires at no number', (provider, tenant) => provider.token(tenant, { exp: '2100-01-01' })],
  ['is not valid yet', (provider, tenant) => provider.token(tenant, { nbf: nowS() + 300 })],
  ['is nobody’s', (provider, tenant) => provider.token(tenant, { sub: undefined })],
];

const signatureIsWrong: readonly Forged[] = [
  ['is not signed', (provider, tenant) => token({ alg: 'none' }, provider.claims(tenant))],
  ['is not signed, in other letters', (provider, tenant) => token({ alg: 'nOnE' }, provider.claims(tenant))],
  ['says "none" and is signed', (provider, tenant) => provider.token(tenant, {}, { alg: 'none' })],
  ['lost its signature', (provider, tenant) => provider.token(tenant).replace(/[^.]+$/, '')],
  ['says nothing of how it is signed', (provider, tenant) => provider.token(tenant, {}, { alg: undefined })],
  ['is signed by a key that nobody knows', (provider, tenant) => provider.token(tenant, {}, { kid: 'unknown' })],
  [
    'is signed by another key under a known name',
    (provider, tenant) => token({ alg: 'RS256', kid: provider.key.kid }, provider.claims(tenant), stranger.signature),
  ],
  [
    'brings its own key',
    (provider, tenant) =>
      token({ alg: 'RS256', kid: stranger.kid, jwk: stranger.jwk }, provider.claims(tenant), stranger.signature),
  ],
  [
    'was given other claims',
    (provider, tenant) => {
      const [header = '', , signature = ''] = provider.token(tenant).split('.');
      const [, claims = ''] = provider.token(tenant, { sub: 'eve' }).split('.');
      return [header, claims, signature].join('.');
    },
  ],
  ['needs what nobody understands', (provider, tenant) => provider.token(tenant, {}, { crit: ['own'], own: true })],
  ['says another way than it is signed in', (provider, tenant) => provider.token(tenant, {}, { alg: 'PS256' })],
  ['is huge', (provider, tenant) => provider.token(tenant, { more: 'x'.repeat(9_000) })],
];

const publicKeyIsSecret: readonly Forged[] = (
  [
    ['PEM', ({ publicKey }) => publicKey.export({ format: 'pem', type: 'spki' })],
    ['DER', ({ publicKey }) => publicKey.export({ format: 'der', type: 'spki' })],
    ['a JWK', ({ jwk }) => JSON.stringify(jwk)],
    ['its modulus', ({ jwk }) => Buffer.from(String(jwk['n']), 'base64url')],
  ] satisfies readonly (readonly [string, (key: SigningKey) => string | Buffer])[]
).map(([form, secretOf]) => [
  `is signed with the public key, as ${form}, for a secret`,
  (provider, tenant) => {
    const { key } = provider;
    return token({ alg: 'HS256', typ: 'JWT', kid: key.kid }, provider.claims(tenant), hmac(secretOf(key)));
  },
]);

describe('a person with a token of the identity provider', () => {
  let provider: IdentityProvider;
  let gateway: GatewayUnderTest;
  let tenantId: string;

  beforeAll(async () => {
    provider = await IdentityProvider.start();
    gateway = await GatewayUnderTest.start(() => provider.environment);
    ({ tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await gateway.stop();
    provider.stop();
  });

  const me = (text: string): Promise<Answer> => new Client(gateway.url, text).get('/api/v1/me');
  const withRights = (app_metadata: object): string => provider.token(tenantId, { app_metadata });

  it('is known by its subject, and may what its role may, for its tenant', async () => {
    const { status, body } = await new Client(gateway.url, provider.token(tenantId)).get<CallerView>('/api/v1/me');
    const bounds = {
      key_id: null,
      session_id: null,
      allowed_task_types: null,
      expires_at: expect.any(String) as string,
    };
    expect([status, body]).toEqual([
      200,
      { tenant: 'acme', tenant_id: tenantId, name: 'ada', role: 'operator', ...bounds },
    ]);
    const client = new Client(gateway.url, provider.token(tenantId));
    expect((await client.get(`/api/v1/tasks/${await client.submit()}`)).status).toBe(200);
    expect((await client.get('/api/v1/keys')).body).toMatchObject({ code: 'forbidden', needed_role: 'admin' });
  });

  it('may be as late as the clocks may differ', async () => {
    expect((await me(provider.token(tenantId, { exp: nowS() - 5 }))).status).toBe(200);
    expect((await me(provider.token(tenantId, { nbf: nowS() + 5 }))).status).toBe(200);
  });

  it.each([...claimsAreWrong, ...signatureIsWrong, ...publicKeyIsSecret])(
    'is nobody when the token %s',
    async (_, forged) => {
      const { status, headers, body } = await me(forged(provider, tenantId));
      expect([status, headers.get('www-authenticate'), body['code']]).toEqual([401, 'Bearer', 'unauthenticated']);
    },
  );

  it('makes the gateway fetch no keys from where a token says, and none again for keys that nobody knows', async () => {
    const elsewhere = await IdentityProvider.start();
    const jku = `${elsewhere.issuer}/.well-known/jwks.json`;
    for (const kid of ['a', 'b', 'c']) expect((await me(provider.token(tenantId, {}, { kid, jku }))).status).toBe(401);
    elsewhere.stop();
    expect([elsewhere.fetches, provider.fetches]).toEqual([0, 1]);
  });

  it('has no more rights for what it says of itself', async () => {
    const rights = { role: 'admin', tenant_id: tenantId };
    const claims = { role: 'admin', user_metadata: rights, app_metadata: { tenant_id: tenantId, role: 'viewer' } };
    const client = new Client(gateway.url, provider.token(tenantId, claims));
    expect((await client.get('/api/v1/me')).body).toMatchObject({ role: 'viewer' });
    expect((await client.call('/api/v1/keys', { body: { name: 'x', role: 'admin' } })).status).toBe(403);
    const own = await me(provider.token(tenantId, { app_metadata: {}, user_metadata: rights }));
    expect(own).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it.each([
    ['a tenant that does not exist', { tenant_id: '019a0000-0000-7000-8000-000000000000', role: 'admin' }],
    ['a tenant by its name', { tenant_id: 'acme', role: 'admin' }],
    ['no tenant', { role: 'admin' }],
  ])('may nothing for %s', async (_, rights) => {
    expect(await me(withRights(rights))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it.each([{}, { role: 'root' }, { role: 'service_role' }])('may nothing as %j', async (role) => {
    expect(await me(withRights({ tenant_id: tenantId, ...role }))).toMatchObject({ status: 403 });
  });

  it('sees nothing of another tenant', async () => {
    const { client: owner } = await gateway.client('other');
    const taskId = await owner.submit();
    const client = new Client(gateway.url, withRights({ tenant_id: tenantId, role: 'admin' }));
    expect((await client.get(`/api/v1/tasks/${taskId}`)).status).toBe(404);
  });
});
