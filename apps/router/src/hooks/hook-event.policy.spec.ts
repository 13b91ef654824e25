import { HookOrder } from '@pulser/contracts';

import { eventStep, isLoop, retryAfterS } from './hook-event.policy.js';

const hookId = '018f0000-0000-7000-8000-000000000001';
const other = '018f0000-0000-7000-8000-000000000002';

const order = HookOrder.parse({
  on: { kind: 'task.failed' },
  task: { task_type: 'analytics', payload: { operation: 'query' } },
  map: [{ from: '/data/task_id', to: '/of' }],
});

const found = {
  tenantId: other,
  author: 'ann',
  keyId: null,
  role: 'operator',
  types: null,
  lost: null,
  hookId,
  hooks: [other],
  body: { data: { task_id: 'x' } },
} as const;

describe('an event', () => {
  it('becomes a task with what happened in its payload, and the hooks that led to it', () => {
    expect(eventStep(found, order)).toMatchObject({
      do: 'submit',
      submit: { task_type: 'analytics', payload: { operation: 'query', of: 'x' } },
      hooks: [other, hookId],
    });
  });

  it.each([
    [{ lost: 'key_revoked' }, 'rights', 'The key of its author was revoked'],
    [{ role: 'viewer' }, 'rights', 'The role viewer of its author may not submit tasks'],
    [{ types: ['testing'] }, 'rights', 'Its author may not submit tasks of the type analytics'],
    [{ body: {} }, 'body', 'The body has nothing at /data/task_id'],
    [{ hooks: [hookId, other, hookId, hookId] }, 'loop', 'Tasks of it have fired it 3 times in a row'],
  ] as const)('is refused with %j', (more, reason, detail) => {
    expect(eventStep({ ...found, ...more }, order)).toEqual({ do: 'refuse', reason, detail });
  });

  it('fires a hook three times in a chain, however many others are in it', () => {
    expect(isLoop({ hookId, hooks: [hookId, hookId, other, other, other] })).toBe(false);
    expect(isLoop({ hookId, hooks: [hookId, hookId, other, hookId] })).toBe(true);
  });

  it('waits out what passes, for an hour', () => {
    expect(retryAfterS('queue_full', { tries: 1, ageS: 1 })).toBe(2);
    expect(retryAfterS('daily_quota_spent', { tries: 20, ageS: 3_599 })).toBe(60);
    expect(retryAfterS('queue_full', { tries: 70, ageS: 3_601 })).toBeUndefined();
    expect(retryAfterS('invalid_payload', { tries: 1, ageS: 1 })).toBeUndefined();
  });
});
