import { randomBytes } from 'node:crypto';

import { isInShare, maxTracesPerS, TraceSampling } from './trace-sampling.policy.js';

const someTrace = (): string => randomBytes(16).toString('hex');
const never = '0'.repeat(24) + 'ffffffff';
const first = 'f'.repeat(24) + '00000000';

const sampling = (sample: number) => new TraceSampling({ TRACE_STORED_SAMPLE: sample, TRACE_STORED_SLOW_S: 10 });

describe('the choice of traces that are kept', () => {
  it('is the wanted share of them, and the same everywhere', () => {
    const traces = Array.from({ length: 20_000 }, someTrace);
    const kept = traces.filter((trace) => isInShare(trace, 0.1));
    expect(kept.length).toBeGreaterThan(1_800);
    expect(kept.length).toBeLessThan(2_200);
    expect(traces.filter((trace) => sampling(0.1).wantsTrace(trace))).toEqual(kept);
  });

  it.each([
    [0, first, false],
    [1, never, true],
    [0.5, '0'.repeat(24) + '7fffffff', true],
    [0.5, '0'.repeat(24) + '80000000', false],
  ])('with a share of %d of %s is %s', (share, trace, kept) => {
    expect(isInShare(trace, share)).toBe(kept);
  });

  it('takes attempts that failed or were slow in any case, unless nothing is kept', () => {
    const ordinary = { failed: false, ms: 9_999 };
    const [some, none] = [sampling(0.01), sampling(0)];
    expect(some.wantsAttempt(never, ordinary)).toBe(false);
    expect(some.wantsAttempt(never, { ...ordinary, ms: 10_000 })).toBe(true);
    expect(some.wantsAttempt(never, { ...ordinary, failed: true })).toBe(true);
    expect(some.wantsAttempt(first, ordinary)).toBe(true);
    expect(none.wantsAttempt(first, { failed: true, ms: 99_999 })).toBe(false);
  });

  it('is bounded in each second, for a tenant and for all', () => {
    const one = sampling(1);
    const taken = (tenantId: string, now: number) =>
      Array.from({ length: 100 }, () => one.take(tenantId, now)).filter(Boolean).length;
    expect(taken('a', 0)).toBe(maxTracesPerS.tenant);
    const others = Array.from({ length: 20 }, (_, n) => taken(`t${n}`, 500)).reduce((sum, n) => sum + n, 0);
    expect(others).toBe(maxTracesPerS.all - maxTracesPerS.tenant);
    expect(taken('a', 1_000)).toBe(maxTracesPerS.tenant);
  });
});
