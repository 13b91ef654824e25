import { auditSearchOf, chipsOf, queryOf, searchWith, searchWithout } from './audit-search.policy.js';

describe('the search of the audit trail', () => {
  it('is read from an address, and what is no filter is passed over', () => {
    expect(auditSearchOf({ action: 'key.created', entry: '12', before: '3', target: '' })).toEqual({
      action: 'key.created',
      entry: 12,
    });
    expect(auditSearchOf({ entry: '-1', actor_id: 7 })).toEqual({});
  });

  it.each([
    ['key.created', { action: 'key.created' }],
    ['dead-letter.replayed', { action: 'dead-letter.replayed' }],
    ['action:setting.changed', { action: 'setting.changed' }],
    ['by:ada@example.com', { actor_id: 'ada@example.com' }],
    ['on:billing-api', { target: 'billing-api' }],
    ['019a0000-0000-7000-8000-000000000000', { target: '019a0000-0000-7000-8000-000000000000' }],
    ['sales@2', { target: 'sales@2' }],
    ['https://api.example.com', { target: 'https://api.example.com' }],
    ['   ', {}],
  ])('takes what is typed: %s', (typed, expected) => {
    expect(searchWith({}, typed)).toEqual(expected);
  });

  it('keeps other filters, and closes the entry', () => {
    expect(searchWith({ action: 'key.created', entry: 4 }, 'by:ci')).toEqual({ action: 'key.created', actor_id: 'ci' });
  });

  it('shows a filter as a chip, to be taken away', () => {
    const search = { action: 'key.created', actor_id: 'ci', entry: 4 };
    expect(chipsOf(search)).toEqual([
      { id: 'action', name: 'action', value: 'key.created' },
      { id: 'actor_id', name: 'by', value: 'ci' },
    ]);
    expect(searchWithout(search, 'action')).toEqual({ actor_id: 'ci', entry: 4 });
    expect(queryOf(search)).toEqual({ action: 'key.created', actor_id: 'ci', target: undefined });
  });
});
