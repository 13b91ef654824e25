import { beginOf, freshFor, ranges, stepText, tasksPlace } from './range.policy.js';

describe('a range of time', () => {
  it('ends now', () => {
    const now = Date.parse('2026-03-10T12:00:00.000Z');
    expect(beginOf('1h', now)).toBe('2026-03-10T11:00:00.000Z');
    expect(beginOf('30d', now)).toBe('2026-02-08T12:00:00.000Z');
  });

  it('is fresh for seconds, as numbers for less than as a chart, and never for less when it is longer', () => {
    for (const drawn of ['numbers', 'chart'] as const) {
      const fresh = ranges.map((range) => freshFor(drawn, range));
      expect(fresh).toEqual(fresh.toSorted((a, b) => a - b));
    }
    expect(ranges.every((range) => freshFor('numbers', range) < freshFor('chart', range))).toBe(true);
    expect(Math.max(...ranges.map((range) => freshFor('numbers', range)))).toBeLessThanOrEqual(5_000);
  });

  it.each([
    [60, 'minute'],
    [900, '15 minutes'],
    [3_600, 'hour'],
    [21_600, '6 hours'],
    [86_400, 'day'],
  ])('has steps with a name: %d s', (seconds, text) => {
    expect(stepText(seconds)).toBe(text);
  });

  it('leads to the tasks behind a figure', () => {
    expect(tasksPlace({ agent: 'dash', status: 'failed', fromS: 0, toS: 3_600 })).toBe(
      '/tasks?agent=dash&status=failed&created_after=1970-01-01T00%3A00%3A00.000Z&created_before=1970-01-01T01%3A00%3A00.000Z',
    );
    expect(tasksPlace({ agent: undefined })).toBe('/tasks');
  });
});
