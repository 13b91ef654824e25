import type { ApprovalDetail } from '@pulser/contracts';

import { changesOf, neededText, nextOf, refusalText, subjectText } from './approval-text.policy.js';

const approval = {
  task_type: 'infrastructure',
  operation: 'wipe',
  step: null,
  iteration: 0,
  needed: 2,
  approved_by: 1,
  persons: null,
  role: 'approver',
  last_approved: { arguments: { app: 'shop', old: 1, list: [{ a: 'b' }] } },
  changes: [
    { op: 'replace', path: '/list/0/a', value: 'c' },
    { op: 'remove', path: '/old' },
    { op: 'add', path: '/new', value: { n: 1 } },
  ],
} as unknown as ApprovalDetail;

describe('an approval in words', () => {
  it('says what is asked for, and who has to decide', () => {
    expect(subjectText(approval)).toBe('infrastructure wipe');
    expect(subjectText({ ...approval, step: 'gate', iteration: 3 })).toBe(
      'infrastructure wipe, step gate, iteration 3',
    );
    expect(neededText(approval)).toBe('1 of 2 persons with the role approver');
    expect(neededText({ ...approval, needed: 1, approved_by: 0, persons: ['ada'] })).toBe('0 of 1 person of ada');
  });

  it('says who decides it where the reader may not', () => {
    const refusal = { refusal: 'self_approval', role: 'approver', persons: null } as const;
    expect(refusalText(refusal)).toBe(
      'You had a part in the request: another person with the role approver decides it.',
    );
    expect(refusalText({ ...refusal, refusal: 'not_a_decider', persons: ['ada', 'bo'] })).toBe(
      'You are not asked: it is for ada or bo to decide.',
    );
    expect(refusalText({ ...refusal, refusal: null })).toBeUndefined();
  });

  it('shows each change with what was there', () => {
    expect(changesOf(approval)).toEqual([
      { place: '/list/0/a', before: 'b', after: 'c' },
      { place: '/old', before: '1', after: undefined },
      { place: '/new', before: undefined, after: '{"n":1}' },
    ]);
    expect(changesOf({ ...approval, last_approved: null, changes: null })).toBeUndefined();
  });

  it('is followed by the next one of the list, and the last by the first', () => {
    expect(nextOf(['a', 'b'], 'a')).toBe('b');
    expect(nextOf(['a', 'b'], 'b')).toBe('a');
    expect(nextOf(['a'], 'a')).toBeUndefined();
    expect(nextOf([], undefined)).toBeUndefined();
    expect(nextOf(['a'], undefined)).toBe('a');
  });
});
