import { maxAttempts, retryAfterMs, retryAfterOf } from './outcome.js';
import { quietUntil } from './quiet-hours.policy.js';

const now = Date.parse('2026-11-29T10:00:00Z');

describe('the wait before the next attempt', () => {
  it('grows, is never short, and differs by chance', () => {
    for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
      const [least, most] = [retryAfterMs(attempt, 0), retryAfterMs(attempt, 0.999999)];
      const bound = Math.min(3_600_000, 5_000 * 4 ** (attempt - 1));
      expect(least).toBe(bound / 2);
      expect(most).toBeGreaterThan(least);
      expect(most).toBeLessThanOrEqual(bound);
    }
  });

  it.each([
    ['120', 120_000],
    ['999999999', 3_600_000],
    ['Sun, 29 Nov 2026 10:00:30 GMT', 30_000],
    ['Sun, 29 Nov 2026 09:00:00 GMT', undefined],
    ['soon', undefined],
    ['-5', undefined],
    [undefined, undefined],
  ])('is what Retry-After says: %s', (header, ms) => {
    expect(retryAfterOf(header, now)).toBe(ms);
  });
});

describe('quiet hours', () => {
  const night = { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' };

  it.each([
    // An hour before UTC in winter, two in summer.
    ['2026-11-29T20:59:00Z', undefined],
    ['2026-11-29T21:00:00Z', '2026-11-30T06:00:00.000Z'],
    ['2026-11-30T05:59:30Z', '2026-11-30T06:00:00.000Z'],
    ['2026-11-30T06:00:00Z', undefined],
    ['2026-07-01T20:00:00Z', '2026-07-02T05:00:00.000Z'],
  ])('over midnight at %s end %s', (at, end) => {
    expect(quietUntil(night, 'warning', new Date(at))?.toISOString()).toBe(end);
  });

  it('within a day, and not for what is critical', () => {
    const lunch = { from: '12:00', to: '13:00', time_zone: 'UTC' };
    expect(quietUntil(lunch, 'info', new Date('2026-11-29T12:30:00Z'))?.toISOString()).toBe('2026-11-29T13:00:00.000Z');
    expect(quietUntil(lunch, 'critical', new Date('2026-11-29T12:30:00Z'))).toBeUndefined();
    expect(quietUntil(lunch, 'info', new Date('2026-11-29T13:00:00Z'))).toBeUndefined();
    expect(quietUntil(null, 'info', new Date())).toBeUndefined();
  });
});
