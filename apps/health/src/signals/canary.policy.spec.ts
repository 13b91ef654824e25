import type { CanaryProgress } from '@pulser/context-bus';

import { type Circumstances, verdictOf } from './canary.policy.js';

const canaryMs = 3_000;
const away = (ageMs: number): CanaryProgress => ({ taskId: '', ageMs, latencyMs: null, failed: false });
const back = (latencyMs: number): CanaryProgress => ({ ...away(latencyMs), latencyMs });

/** Free slots all the time. */
const free: Circumstances = { waitedMs: 5_000, freeForMs: 60_000, isAlive: false };
const busy: Circumstances = { ...free, freeForMs: 0 };

describe('a canary', () => {
  it('is judged when it is back and slots were free', () => {
    expect(verdictOf(back(12), free, canaryMs)).toEqual({ kind: 'back', latencyMs: 12, isJudged: true });
    expect(verdictOf(back(9_000), busy, canaryMs)).toEqual({ kind: 'back', latencyMs: 9_000, isJudged: false });
  });

  it('is late after its time, and given up after twice as long', () => {
    expect(verdictOf(away(2_999), free, canaryMs).kind).toBe('waits');
    expect(verdictOf(away(3_000), free, canaryMs)).toEqual({ kind: 'late', ageMs: 3_000, isGivenUp: false });
    expect(verdictOf(away(6_001), free, canaryMs)).toMatchObject({ isGivenUp: true });
  });

  it('waits behind real work as long as that is alive', () => {
    expect(verdictOf(away(29_000), busy, canaryMs).kind).toBe('waits');
    expect(verdictOf(away(90_000), { ...busy, isAlive: true }, canaryMs).kind).toBe('waits');
    expect(verdictOf(away(30_000), busy, canaryMs)).toMatchObject({ kind: 'late', isGivenUp: false });
  });

  it('says nothing without a row, or when it failed', () => {
    expect(verdictOf(undefined, free, canaryMs).kind).toBe('dropped');
    expect(verdictOf({ ...away(10), failed: true }, free, canaryMs).kind).toBe('dropped');
  });
});
