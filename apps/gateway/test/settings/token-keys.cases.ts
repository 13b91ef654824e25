import { eventually } from '@pulser/testing';

import { Client } from '../client.js';
import { hmac, token } from '../forged-token.js';
import type { GatewayUnderTest, Variables } from '../gateway-under-test.js';
import { IdentityProvider } from '../identity-provider.js';
import { sharedGateway } from '../shared-gateway.js';
import { SigningKey } from '../signing-key.js';

describe('the keys of tokens', () => {
  let provider: IdentityProvider;
  let gateway: GatewayUnderTest;
  let tenantId: string;

  const start = async (variables: Variables): Promise<void> => {
    provider = await IdentityProvider.start();
    gateway = await (await sharedGateway()).beside({ ...provider.environment, ...variables });
    ({ tenantId } = await gateway.client());
  };

  afterEach(async () => {
    await gateway.service.close();
    provider.stop();
  });

  const me = (text: string) => new Client(gateway.url, text).get('/api/v1/me');
  const statusFor = async (text: string): Promise<number> => (await me(text)).status;

  it('are fetched again when a token names a new one', async () => {
    await start({ JWT_JWKS_COOLDOWN_S: '1' });
    const old = provider.token(tenantId);
    expect(await statusFor(old)).toBe(200);
    provider.keys = [...provider.keys, new SigningKey()];
    const next = provider.token(tenantId);
    await eventually(async () => {
      expect(await statusFor(next)).toBe(200);
    });
    expect(await statusFor(old)).toBe(200);
    provider.keys = provider.keys.slice(1);
    expect(await statusFor(next)).toBe(200);
  });

  it.each([
    ['RS256 and ES256 unless others are named', {}, { RS256: 200, ES256: 200, EdDSA: 401 }],
    ['those that are named', { JWT_ALGORITHMS: 'EdDSA, ES256' }, { RS256: 401, ES256: 200, EdDSA: 200 }],
  ])('sign with %s, whatever else the provider publishes', async (_, variables: Variables, expected) => {
    await start(variables);
    const keys = { RS256: new SigningKey(), ES256: new SigningKey('ES256'), EdDSA: new SigningKey('EdDSA') };
    provider.keys = Object.values(keys);
    const tokenOf = ({ alg, kid, signature }: SigningKey) => token({ alg, kid }, provider.claims(tenantId), signature);
    const seen = await Promise.all(provider.keys.map(async (key) => [key.alg, await statusFor(tokenOf(key))]));
    expect(Object.fromEntries(seen)).toEqual(expected);
  });

  it.each([
    ['an error', { status: 500, body: '{}' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no keys', { status: 200, body: '{"keys":"none"}' }],
    ['another address', { status: 302, body: '' }],
  ])('make nobody wrong while the provider answers with %s, and keep out no API key', async (_, failure) => {
    await start({});
    provider.failure = failure;
    const answer = await me(provider.token(tenantId));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.body).toMatchObject({ code: 'identity_provider_unavailable' });
    expect((await (await gateway.client()).client.get('/api/v1/me')).status).toBe(200);
    provider.failure = undefined;
    await eventually(async () => {
      expect(await statusFor(provider.token(tenantId))).toBe(200);
    });
  });

  it('outlive the provider, for a while', async () => {
    await start({});
    expect(await statusFor(provider.token(tenantId))).toBe(200);
    const later = provider.token(tenantId);
    provider.stop();
    expect(await statusFor(later)).toBe(200);
  });

  it('make nobody wrong while the provider does not answer at all', async () => {
    await start({});
    const text = provider.token(tenantId);
    provider.stop();
    expect(await Promise.all([text, text, text].map(statusFor))).toEqual([503, 503, 503]);
  });
});

describe('tokens that are signed with a secret', () => {
  const secret = 'a secret of the provider, of 32 bytes or more';
  let provider: IdentityProvider;
  let gateway: GatewayUnderTest;
  let tenantId: string;

  beforeAll(async () => {
    provider = await IdentityProvider.start();
    const withSecret = { JWT_ISSUER: provider.issuer, JWT_AUDIENCE: 'authenticated', JWT_SECRET: secret };
    gateway = await (await sharedGateway()).beside(withSecret);
    ({ tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await gateway.service.close();
    provider.stop();
  });

  const statusFor = async (text: string): Promise<number> =>
    (await new Client(gateway.url, text).get('/api/v1/me')).status;

  const signed = (alg: string, key: string): string => token({ alg }, provider.claims(tenantId), hmac(key));

  it('are accepted, and by this secret alone', async () => {
    expect(await statusFor(signed('HS256', secret))).toBe(200);
    expect(await statusFor(signed('HS256', `${secret}.`))).toBe(401);
  });

  it.each(['none', 'RS256'])('are not when they say %s', async (alg) => {
    expect(await statusFor(signed(alg, secret))).toBe(401);
  });

  it('are not when they are signed with it in another way', async () => {
    expect(await statusFor(token({ alg: 'HS512' }, provider.claims(tenantId), hmac(secret, 'sha512')))).toBe(401);
  });

  it('are not when they are signed with a key pair', async () => {
    expect(await statusFor(provider.token(tenantId))).toBe(401);
    expect(provider.fetches).toBe(0);
  });
});

describe('tokens without a provider', () => {
  it('are never accepted', async () => {
    const provider = await IdentityProvider.start();
    const gateway = await sharedGateway();
    const { tenantId } = await gateway.client();
    for (const text of [provider.token(tenantId), token({ alg: 'none' }, provider.claims(tenantId))]) {
      expect((await new Client(gateway.url, text).get('/api/v1/me')).status).toBe(401);
    }
    provider.stop();
  });

  it('stop the start when half a provider is configured, and what is missing is said', async () => {
    const half = { AMQP_URL: 'amqp://127.0.0.1:1', JWT_ISSUER: 'https://login.example' };
    await expect((await sharedGateway()).beside(half)).rejects.toThrow('JWT_AUDIENCE is not set');
  });
});
