import { retryAfterOf } from './model-client.js';
import { nextTry } from './next-try.policy.js';

const first = { tries: 1, hasFallback: false };

describe('after a try without an answer', () => {
  it('the same model is asked again, three times at most', () => {
    expect(nextTry({ code: 'overloaded' }, first, 0.5)).toEqual({ kind: 'again', afterMs: 125 });
    expect(nextTry({ code: 'broken_off' }, { ...first, tries: 2 }, 1)).toEqual({ kind: 'again', afterMs: 500 });
    expect(nextTry({ code: 'overloaded' }, { ...first, tries: 3 }, 0.5).kind).toBe('give_up');
  });

  it('then the other one', () => {
    expect(nextTry({ code: 'overloaded' }, { tries: 3, hasFallback: true }, 0)).toEqual({ kind: 'fallback' });
    expect(nextTry({ code: 'refused' }, { tries: 1, hasFallback: true }, 0)).toEqual({ kind: 'fallback' });
  });

  it('nothing is asked again that would fail again', () => {
    for (const code of ['unauthorized', 'not_allowed', 'aborted', 'not_understood'] as const)
      expect(nextTry({ code }, { tries: 1, hasFallback: true }, 0)).toEqual({ kind: 'give_up', afterMs: undefined });
  });

  it('what the server asks to wait is waited: here when it is short, without a slot when it is long', () => {
    const limited = (retryAfterMs: number) => ({ code: 'rate_limited' as const, retryAfterMs });
    expect(nextTry(limited(1_500), first, 0)).toEqual({ kind: 'again', afterMs: 1_500 });
    expect(nextTry(limited(60_000), first, 0)).toEqual({ kind: 'give_up', afterMs: 60_000 });
    expect(nextTry(limited(60_000), { tries: 1, hasFallback: true }, 0)).toEqual({ kind: 'fallback' });
  });
});

describe('Retry-After', () => {
  it('is seconds or a date, up to an hour', () => {
    const now = Date.parse('2026-11-29T10:00:00Z');
    expect(retryAfterOf('3', now)).toBe(3_000);
    expect(retryAfterOf('Sun, 29 Nov 2026 10:00:05 GMT', now)).toBe(5_000);
    expect(retryAfterOf('Sun, 29 Nov 2026 09:00:05 GMT', now)).toBe(0);
    expect(retryAfterOf('999999', now)).toBe(3_600_000);
    expect([retryAfterOf('soon', now), retryAfterOf(null, now)]).toEqual([undefined, undefined]);
  });
});
