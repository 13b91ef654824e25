import { personOf } from './person.policy.js';

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
  ])('may nothing with %s', (_, more) => {
    expect(() => personOf({ ...claims, ...more })).toThrow('app_metadata');
  });
});
