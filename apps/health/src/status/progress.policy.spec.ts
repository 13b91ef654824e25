import { patienceMs, type Progress, stallOf } from './progress.policy.js';

const leastMs = 60_000;
const busy: Progress = { stuckForMs: [61_000, 90_000], waiting: 12, p99Ms: 400, timeLimitMs: 300_000 };

describe('an agent whose slots are all taken', () => {
  it('is stuck when no task ends, though tasks wait', () => {
    expect(stallOf(busy, leastMs)).toBe('no task has ended for 61 s while all slots are taken, and 12 tasks wait');
  });

  it('is stuck in part when some workers are', () => {
    expect(stallOf({ ...busy, stuckForMs: [0, 70_000, 100] }, leastMs)).toBe(
      'on 1 of 3 workers no task has ended for 70 s while all slots are taken, and 12 tasks wait',
    );
  });

  it.each([
    ['tasks end', { stuckForMs: [59_000, 0] }],
    ['no task waits', { waiting: 0 }],
    ['its tasks often take long', { p99Ms: 10_000 }],
    ['nothing is known of its tasks, and they may take long', { p99Ms: undefined }],
    ['no worker lives', { stuckForMs: [] }],
  ])('is not stuck while %s', (_, more) => {
    expect(stallOf({ ...busy, ...more }, leastMs)).toBeUndefined();
  });

  it.each([
    [100, 60_000],
    [9_000, 90_000],
    [290_000, 330_000],
    [undefined, 330_000],
  ])('has as much time as its tasks take (P99 %s ms): %d ms', (p99Ms, ms) => {
    expect(patienceMs({ ...busy, p99Ms }, leastMs)).toBe(ms);
  });
});
