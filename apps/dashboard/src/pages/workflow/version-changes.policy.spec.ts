import { changesOf } from './version-changes.policy.js';

describe('what two versions differ in', () => {
  it('is a row for each step that came or went, and each place that changed', () => {
    const changes = changesOf({
      ...{ from: 1, to: 2, added: ['chart'], removed: ['old'] },
      changed: [{ step: 'look', patch: [{ op: 'replace', path: '/payload/sql', value: 'select 2' }] }],
      rest: [{ op: 'remove', path: '/description' }],
    });
    expect(changes.map(({ step, kind, where, now }) => [step, kind, where, now])).toEqual([
      ['chart', 'added', '', ''],
      ['old', 'removed', '', ''],
      ['look', 'changed', '/payload/sql', '"select 2"'],
      [undefined, 'removed', '/description', ''],
    ]);
  });
});
