import { tenantClaims } from './tenant-claims.policy.js';

describe('the tenants that headers claim to speak for', () => {
  it('are found under our name and those that others use', () => {
    const headers = { 'pulser-tenant': 'a', 'X-Tenant-Id': 'b', 'x-tenant': 'c', tenant_id: 'd', Tenant: 5 };
    expect(tenantClaims(headers)).toEqual(['a', 'b', 'c', 'd', 5]);
  });

  it('are none where nothing speaks of a tenant', () => {
    expect(tenantClaims({ 'pulser-api-key': 'k', traceparent: 't', 'x-tenant-name': 'acme' })).toEqual([]);
  });
});
