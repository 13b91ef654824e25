import { type OrderRefusal, rejectionOf, tenantClaims } from './order-intake.js';

describe('the tenants that headers claim to speak for', () => {
  it('are found under our name and those that others use', () => {
    const headers = { 'pulser-tenant': 'a', 'X-Tenant-Id': 'b', 'x-tenant': 'c', tenant_id: 'd', Tenant: 5 };
    expect(tenantClaims(headers)).toEqual(['a', 'b', 'c', 'd', 5]);
  });

  it('are none where nothing speaks of a tenant', () => {
    expect(tenantClaims({ 'pulser-api-key': 'k', traceparent: 't', 'x-tenant-name': 'acme' })).toEqual([]);
  });
});

describe('a refused order', () => {
  it.each<[OrderRefusal, string | undefined]>([
    [{ code: 'unauthenticated', detail: 'The API key is not valid' }, 'The API key is not valid'],
    [{ code: 'forbidden', role: 'viewer' }, 'Its role is viewer'],
    [
      { code: 'forbidden_task_type', taskType: 'documentation', allowed: ['testing', 'analytics'] },
      'Its types: testing, analytics',
    ],
    [{ code: 'task_type_not_served', served: ['analytics'] }, 'Served: analytics'],
    [
      { code: 'invalid_payload', problems: [{ pointer: '/payload/sql', detail: 'Must be string' }] },
      '/payload/sql: Must be string',
    ],
    [{ code: 'idempotency_conflict', taskId: 'task-7' }, 'The message id was used for the task task-7'],
    [{ code: 'queue_full', retryAfterS: 5 }, undefined],
    [{ code: 'daily_quota_spent', retryAfterS: 60 }, undefined],
  ])('is a dead letter with the same reason and its detail: %j', (refusal, detail) => {
    expect(rejectionOf(refusal)).toMatchObject({ reason: refusal.code, detail });
  });
});
