import {
  brokenEffects,
  endOf,
  missingReads,
  type ReadCall,
  unwrittenEffects,
  type WriteCall,
} from './kept-calls.policy.js';

const write = (change: Partial<WriteCall> = {}): WriteCall => ({
  ...{ ref: '1', end: 'done', effects: [20], writtenAt: 10 },
  ...change,
});

const read = (change: Partial<ReadCall> = {}): ReadCall => ({
  ...{ ref: '1', answeredAt: 20, coordinator: 7, writtenAt: 19 },
  ...change,
});
const missing = read({ ref: '2', writtenAt: undefined });

const kinds = (all: readonly { readonly kind: string }[]): string[] => all.map(({ kind }) => kind);

describe('the end of a call', () => {
  it.each([
    [true, undefined, 'done'],
    [false, { may_have_run: true }, 'unknown'],
    [false, { key_spent: true }, 'not made'],
    [false, {}, undefined],
    [false, undefined, undefined],
  ] as const)('that is done (%j) or not, with %j, is %s', (isDone, error, end) => {
    expect(endOf(isDone, error)).toBe(end);
  });
});

describe('effects of calls', () => {
  it('are what callers were told', () => {
    const none = { effects: [] };
    const kept = [write(), write({ end: 'unknown' }), write({ end: 'unknown', ...none })];
    expect(brokenEffects([...kept, write({ end: 'not made', ...none }), write({ end: undefined })])).toEqual([]);
  });

  it.each([
    ['doubled', 'two of one that is done', { effects: [20, 30] }],
    ['doubled', 'two of one that may have run', { end: 'unknown', effects: [20, 30] }],
    ['doubled', 'two of one that was never answered', { end: undefined, effects: [20, 30] }],
    ['lost', 'none of one that is done', { effects: [] }],
    ['wrong', 'one of a call that was not made', { end: 'not made' }],
  ] as const)('are %s: %s', (kind, _, change) => {
    expect(kinds(brokenEffects([write(change)]))).toEqual([kind]);
  });

  it('are written down before', () => {
    expect(unwrittenEffects([write(), write({ effects: [], writtenAt: undefined })])).toEqual([]);
    expect(kinds(unwrittenEffects([write({ writtenAt: undefined })]))).toEqual(['wrong']);
    expect(kinds(unwrittenEffects([write({ writtenAt: 25 })]))).toEqual(['wrong']);
  });
});

describe('reads', () => {
  it('that are missing are as many as the counter of their coordinator says', () => {
    expect(missingReads([read()], new Map([[7, 0]]))).toEqual([]);
    expect(missingReads([read(), missing], new Map([[7, 1]]))).toEqual([]);
    expect(kinds(missingReads([read(), missing], new Map([[7, 0]])))).toEqual(['lost']);
    expect(kinds(missingReads([read()], new Map([[7, 1]])))).toEqual(['lost']);
  });

  it('are not made up for by another coordinator', () => {
    const running = new Map([7, 8].map((pid) => [pid, pid === 8 ? 1 : 0]));
    expect(kinds(missingReads([missing], running))).toEqual(['lost', 'lost']);
  });

  it('are, of a coordinator that was killed, the last ones', () => {
    const last = { ...missing, answeredAt: 21 };
    expect(missingReads([read(), last], new Map())).toEqual([]);
    expect(kinds(missingReads([read(), { ...missing, answeredAt: 18 }], new Map()))).toEqual(['lost']);
  });

  it('have reached a server', () => {
    expect(kinds(missingReads([read({ coordinator: undefined })], new Map()))).toEqual(['wrong']);
  });
});
