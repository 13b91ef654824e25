import { fullJitter } from '@pulser/concurrency';
import { TaskError } from '@pulser/contracts';

import { nextStep } from './next-step.policy.js';

const limits = { maxRetries: 3, baseMs: 1_000, factor: 2, capMs: 5_000 };

describe('the back-off', () => {
  it('doubles its upper bound with every attempt, up to the cap', () => {
    const bounds = [1, 2, 3, 4, 10].map((attempt) => fullJitter(attempt, limits, 1));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('is drawn from the whole range down to nothing', () => {
    expect(fullJitter(3, limits, 0)).toBe(0);
    expect(fullJitter(3, limits, 0.5)).toBe(2_000);
  });
});

describe('a failed attempt', () => {
  it('is retried while attempts are left', () => {
    expect(nextStep(new Error('x'), { attempt: 3, maxAttempts: 4 }, limits, 0.5)).toMatchObject({
      kind: 'retry',
      afterMs: 2_000,
    });
  });

  it('is the last one when no attempt is left', () => {
    expect(nextStep(new Error('x'), { attempt: 4, maxAttempts: 4 }, limits, 0.5)).toEqual({
      kind: 'fail',
      error: { code: 'handler_failed', message: 'x', permanent: false },
    });
  });

  it('is not repeated when the error is permanent', () => {
    const wrong = new TaskError({ code: 'query_failed', permanent: true }, 'Parser Error', { details: { line: 1 } });
    expect(nextStep(wrong, { attempt: 1, maxAttempts: 4 }, limits, 0.5)).toEqual({
      kind: 'fail',
      error: { code: 'query_failed', message: 'Parser Error', permanent: true, details: { line: 1 } },
    });
  });

  it('waits as long as the upstream asked', () => {
    const busy = new TaskError('handler_failed', 'busy', { retryAfterMs: 42_000 });
    expect(nextStep(busy, { attempt: 1, maxAttempts: 4 }, limits, 0.5)).toMatchObject({ afterMs: 42_000 });
  });

  it.each([
    [1e12, 3_600_000],
    [-5, 0],
    [1.4, 1],
    [Number.NaN, 500],
  ])('does not wait as long as a mad upstream says: %s ms', (retryAfterMs, afterMs) => {
    const busy = new TaskError('handler_failed', 'busy', { retryAfterMs });
    expect(nextStep(busy, { attempt: 1, maxAttempts: 4 }, limits, 0.5)).toMatchObject({ afterMs });
  });
});
