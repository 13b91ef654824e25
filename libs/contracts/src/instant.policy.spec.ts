import { Instant } from './instant.js';
import { SubmitTask } from './tasks.js';

const faultOf = (text: unknown): string | undefined => Instant.safeParse(text).error?.issues[0]?.message;

describe('a point in time', () => {
  it.each([
    ['2030-01-01T00:00:00Z', '2030-01-01T00:00:00Z'],
    ['2030-01-01t00:00:00z', '2030-01-01T00:00:00Z'],
    ['2030-01-01T01:30:00+01:30', '2030-01-01T00:00:00Z'],
    ['2029-12-31T19:00:00-05:00', '2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00-00:00', '2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00.120Z', '2030-01-01T00:00:00.12Z'],
    ['2030-01-01T00:00:00.1234567Z', '2030-01-01T00:00:00.123456Z'],
    ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.52Z'],
    ['1937-01-01T12:00:27.87+00:20', '1937-01-01T11:40:27.87Z'],
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00Z'],
    ['1990-12-31T15:59:60.5-08:00', '1991-01-01T00:00:00.5Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999Z'],
    ['9999-12-31T23:59:59.999999999+15:59', '9999-12-31T08:00:59.999999Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
  ])('may be written %s, and is %s', (text, instant) => {
    expect(Instant.parse(text)).toBe(instant);
  });

  it.each([
    ['0000-01-01T00:00:00Z', 'between the years 1 and 9999'],
    ['0001-01-01T00:00:00+15:59', 'between the years 1 and 9999'],
    ['9999-12-31T23:59:59-01:00', 'between the years 1 and 9999'],
    ['+010000-01-01T00:00:00Z', 'such as 2030-01-01T00:00:00Z'],
    ['10000-01-01T00:00:00Z', 'such as 2030-01-01T00:00:00Z'],
    ['2030-01-01T00:00:00', 'no zone'],
    ['2030-01-01t00:00:00.5', 'no zone'],
    ['2030-01-01T00:00:00 01:00', '%2B'],
    ['2030-01-01T00:00:00+16:00', 'less than 16 hours'],
    ['2030-01-01T00:00:00-23:59', 'less than 16 hours'],
    [`2030-01-01T00:00:00.${'1'.repeat(40)}Z`, 'At most 40'],
    ['2030-02-30T00:00:00Z', 'RFC 3339'],
    ['2030-01-01T24:00:00Z', 'RFC 3339'],
    ['2030-01-01T12:00:60Z', 'leap second'],
    ['2030-01-01T00:00Z', 'RFC 3339'],
    ['2030-01-01', 'RFC 3339'],
    ['2030-01-01T00:00:00Z\u0000', 'RFC 3339'],
    ['', 'RFC 3339'],
    [1, 'expected string'],
  ])('is not %j', (text, fault) => {
    expect(faultOf(text)).toContain(fault);
  });
});

describe('a deadline', () => {
  const task = { task_type: 'analytics', payload: {}, run_at: '9999-12-31T23:59:00Z' };

  it('may lie in the last year that has four digits, and no later', () => {
    expect(SubmitTask.safeParse({ ...task, deadline_s: 59 }).success).toBe(true);
    expect(SubmitTask.safeParse({ ...task, deadline_s: 61 }).error?.issues).toMatchObject([{ path: ['deadline_s'] }]);
  });
});
