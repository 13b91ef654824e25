import { cronProblem } from './cron.policy.js';

describe('a schedule', () => {
  it.each(['* * * * *', '*/5 0-6,22 1 jan MON-FRI', '0 0 31 12 6', '@daily', '@every 1h30m'])(
    '%s is one',
    (schedule) => {
      expect(cronProblem(schedule)).toBeUndefined();
    },
  );

  it.each([
    '',
    '* * * *',
    '60 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    'a * * * *',
    '1-2-3 * * * *',
    '@never',
    '1,,2 * * * *',
  ])('%s is none', (schedule) => {
    expect(cronProblem(schedule)).toEqual(expect.any(String));
  });
});
