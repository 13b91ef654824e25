import { ConfigError } from '@pulser/service-kit';

import type { JwtEnv } from '../gateway.env.js';
import { personOf, tokenRules } from './tokens.service.js';

const unset: JwtEnv = { JWT_CLOCK_SKEW_S: 30, JWT_JWKS_COOLDOWN_S: 30 };
const provider = { ...unset, JWT_ISSUER: 'https://login.example/auth/v1', JWT_AUDIENCE: 'pulser' };
const secret = 's'.repeat(32);

describe('the rules of tokens', () => {
  it('are none unless a provider is configured', () => {
    expect(tokenRules(unset)).toBeUndefined();
  });

  it('take key pairs, from below the issuer, unless they say otherwise', () => {
    expect(tokenRules(provider)).toEqual({
      issuer: 'https://login.example/auth/v1',
      audience: 'pulser',
      algorithms: ['RS256', 'ES256'],
      clockSkewS: 30,
      keys: { jwksUrl: new URL('https://login.example/auth/v1/.well-known/jwks.json'), cooldownS: 30 },
    });
    expect(
      tokenRules({ ...provider, JWT_JWKS_URL: 'http://127.0.0.1:9/keys', JWT_ALGORITHMS: ['EdDSA'] }),
    ).toMatchObject({
      algorithms: ['EdDSA'],
      keys: { jwksUrl: new URL('http://127.0.0.1:9/keys') },
    });
  });

  it('take a secret for HS256 and nothing else', () => {
    const { algorithms, keys } = tokenRules({ ...provider, JWT_SECRET: secret }) ?? {};
    expect([algorithms, keys]).toEqual([['HS256'], { secret: new TextEncoder().encode(secret) }]);
  });

  it.each<[string, JwtEnv]>([
    ['JWT_ISSUER', { ...unset, JWT_SECRET: secret }],
    ['JWT_ISSUER', { ...unset, JWT_AUDIENCE: 'pulser' }],
    ['JWT_AUDIENCE', { ...provider, JWT_AUDIENCE: undefined }],
    ['JWT_JWKS_URL', { ...provider, JWT_SECRET: secret, JWT_JWKS_URL: 'https://login.example/keys' }],
    ['JWT_ALGORITHMS', { ...provider, JWT_SECRET: secret, JWT_ALGORITHMS: ['RS256'] }],
    ['https://', { ...provider, JWT_JWKS_URL: 'http://login.example/keys' }],
    ['https://', { ...provider, JWT_ISSUER: 'http://login.example' }],
    ['https://', { ...provider, JWT_JWKS_URL: 'file:///keys.json' }],
  ])('keep the gateway from starting, and name %s, when they are not clear', (named, env) => {
    expect(() => tokenRules(env)).toThrow(ConfigError);
    expect(() => tokenRules(env)).toThrow(named);
  });
});

const tenant_id = '019a0000-0000-7000-8000-00000000000a';
const claims = { sub: 'ada', exp: 1_800_000_000, app_metadata: { tenant_id, role: 'operator', provider: 'email' } };

describe('the person of a token', () => {
  it('is its subject, with the tenant and the role that the provider says', () => {
    expect(personOf(claims)).toEqual({
      tenantId: tenant_id,
      keyId: undefined,
      name: 'ada',
      role: 'operator',
      allowedTaskTypes: null,
      expiresAt: new Date('2027-01-15T08:00:00Z'),
    });
  });

  it.each([253_402_300_800, 1e300])('ends in the year 9999 at the latest, also when the token says %d', (exp) => {
    expect(personOf({ ...claims, exp }).expiresAt?.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  });

  it('works for the same tenant however its id is written', () => {
    const app_metadata = { ...claims.app_metadata, tenant_id: tenant_id.toUpperCase() };
    expect(personOf({ ...claims, app_metadata }).tenantId).toBe(tenant_id);
  });

  it('is no more for what it says of itself', () => {
    const role = 'admin';
    expect(personOf({ ...claims, role, user_metadata: { tenant_id, role } }).role).toBe('operator');
  });

  it.each([
    ['no app_metadata', { app_metadata: undefined, user_metadata: claims.app_metadata }],
    ['no tenant', { app_metadata: { role: 'viewer' } }],
    ['a tenant that is no id', { app_metadata: { tenant_id: 'acme', role: 'viewer' } }],
    ['no role', { app_metadata: { tenant_id } }],
    ['a role that does not exist', { app_metadata: { tenant_id, role: 'service_role' } }],
    ['several roles', { app_metadata: { tenant_id, role: ['admin'] } }],
    ['an endless name', { sub: 'x'.repeat(256) }],
    ['a name that the database cannot keep', { sub: 'a\u0000' }],
    ['half a character as its name', { sub: '\ud800' }],
  ])('may nothing with %s', (_, more) => {
    expect(() => personOf({ ...claims, ...more })).toThrow('app_metadata');
  });
});
