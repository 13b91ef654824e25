import { nextLook, pauseMs, verdictOf } from './rollout.policy.js';

describe('what rollouts come to', () => {
  const of = (...states: Parameters<typeof verdictOf>[0][number]['state'][]) =>
    verdictOf(states.map((state) => ({ state })));

  it('is complete when all are, and failed as soon as one cannot end', () => {
    expect(of()).toBe('complete');
    expect(of('complete', 'complete')).toBe('complete');
    expect(of('complete', 'progressing')).toBe('progressing');
    expect(of('progressing', 'failed')).toBe('failed');
    expect(of('complete', 'paused')).toBe('failed');
  });

  it('is open where nothing was heard of one', () => {
    expect(of('complete', 'unknown')).toBe('progressing');
  });
});

describe('the next look', () => {
  it('has the same number whoever asks within one pause, and another one after it', () => {
    const began = 1_000_000;
    const first = nextLook(began, began + 10, 600_000);
    expect(first).toEqual({ number: 1, atMs: began + pauseMs });
    expect(nextLook(began, began + pauseMs - 1, 600_000)).toEqual(first);
    expect(nextLook(began, began + pauseMs, 600_000)).toEqual({ number: 2, atMs: began + 2 * pauseMs });
  });

  it('is not beyond the end, and none after it', () => {
    expect(nextLook(0, 0, 5_000)).toEqual({ number: 1, atMs: 5_000 });
    expect(nextLook(0, 5_000, 5_000)).toBeUndefined();
  });

  it('is the first one where the clock of this machine is behind', () => {
    expect(nextLook(10_000, 0, 60_000)).toEqual({ number: 1, atMs: 10_000 + pauseMs });
  });
});
