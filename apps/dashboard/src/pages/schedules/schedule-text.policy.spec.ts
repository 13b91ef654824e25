import { whenText } from './schedule-text.policy.js';

describe('when a schedule fires, in words', () => {
  it.each([
    [{ kind: 'interval', every_s: 60 }, 'every minute'],
    [{ kind: 'interval', every_s: 7_200 }, 'every 2 hours'],
    [{ kind: 'cron', expression: '0 * * * *' }, '0 * * * *, UTC'],
    [{ kind: 'calendar', times: ['02:30'] }, 'daily at 02:30, UTC'],
    [
      { kind: 'calendar', times: ['06:00', '18:00'], weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] },
      'Mon to Fri at 06:00, 18:00, UTC',
    ],
    [{ kind: 'calendar', times: ['06:30'], weekdays: ['thu', 'mon'] }, 'Mon, Thu at 06:30, UTC'],
    [{ kind: 'calendar', times: ['06:30'], days: [1, 15], months: [3] }, 'day 1, 15; month 3 at 06:30, UTC'],
  ] as const)('is %j: %s', (when, text) => {
    expect(whenText({ when, time_zone: 'UTC' } as unknown as Parameters<typeof whenText>[0])).toBe(text);
  });
});
