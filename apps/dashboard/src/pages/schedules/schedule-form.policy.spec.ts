import { ScheduleOrder, type ScheduleDetail } from '@pulser/contracts';

import { emptyForm, formOf, orderOf, secondsOf, spanOf } from './schedule-form.policy.js';

const detailOf = (order: ScheduleOrder): ScheduleDetail => ({
  ...order,
  name: 'nightly',
  revision: 1,
  start: order.start ?? null,
  end: order.end ?? null,
  author: 'me',
  author_name: 'ci',
  created_at: '2027-01-01T00:00:00Z',
  changed_at: '2027-01-01T00:00:00Z',
  next_at: null,
  paused: null,
  last: null,
  pending: 0,
  running: 0,
  skipped: {},
  next: [],
});

const keys = { concurrency: { key: 'heavy', limit: 2 }, unique: { key: 'nightly', window_s: 60 } };
const task = { task_type: 'analytics', payload: { operation: 'report', n: [1] }, notify: ['boss', 'ops'], ...keys };

describe('the form of a schedule', () => {
  it('makes an order that the API takes', () => {
    const parsed = ScheduleOrder.parse(orderOf({ ...emptyForm('Europe/Berlin'), name: 'x' }));
    expect(parsed).toMatchObject({ time_zone: 'Europe/Berlin', overlap: 'skip', catch_up_s: 3_600, jitter_s: 0 });
  });

  it.each([
    { when: { kind: 'cron', expression: '0 1-3 * * mon' }, missing: 'skip', repeated: 'last' },
    { when: { kind: 'interval', every_s: 5_400 }, start: '2027-01-01T00:00:00Z', end: '2028-01-01T00:00:00Z' },
    { when: { kind: 'interval', every_s: 61 }, jitter_s: 90, catch_up_s: 86_400, pause_on_failure: true },
    { when: { kind: 'calendar', times: ['09:00', '17:30'], weekdays: ['mon#1', 'fri'] }, overlap: 'buffer_all' },
    {
      when: { kind: 'calendar', times: ['00:00'], days: [1, 'last'], months: [1, 12] },
      exclude: [{ from: '2027-12-24', to: '2027-12-26' }, { from: '2027-01-01' }],
    },
  ])('shows a schedule, and makes the same of it: %j', (fields) => {
    const order = ScheduleOrder.parse({ ...fields, task: { ...task, deadline_s: 60, metadata: { team: 'a' } } });
    const shown = detailOf(order);
    expect(ScheduleOrder.parse(orderOf(formOf(shown), shown))).toEqual(order);
  });

  it('reads and writes spans', () => {
    expect(['15m', ' 2 h', '1d', '90', '90s', 'x', '1.5h', ''].map(secondsOf)).toEqual([
      900,
      7_200,
      86_400,
      90,
      90,
      undefined,
      undefined,
      undefined,
    ]);
    expect([0, 60, 90, 3_600, 86_400, 90_000].map(spanOf)).toEqual(['0s', '1m', '90s', '1h', '1d', '25h']);
  });
});
