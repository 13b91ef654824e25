import { ScheduleTimes } from '@pulser/contracts';

import { Occurrences, timesFault } from './occurrences.policy.js';

const NewYork = 'America/New_York';

const cron = (time_zone: string, expression: string, more: object = {}): ScheduleTimes =>
  ScheduleTimes.parse({ when: { kind: 'cron', expression }, time_zone, ...more });

/** Its times from one instant to another, without seconds. */
const between = (times: ScheduleTimes, from: string, to: string): string[] =>
  new Occurrences(times)
    .list(new Date(Date.parse(from) - 1), 1_000, new Date(to))
    .map((at) => at.toISOString().replace(':00.000Z', 'Z'));

const faultOf = (times: ScheduleTimes) => timesFault(times, new Date('2026-12-01T00:00Z'));

describe('a schedule when clocks change', () => {
  const gap = ['2027-03-14T05:00Z', '2027-03-15T04:00Z'] as const;
  const overlap = ['2027-11-07T04:00Z', '2027-11-08T05:00Z'] as const;

  it('fires once at the end of the gap, or not at all when told to skip', () => {
    expect(between(cron(NewYork, '30 2 * * *'), ...gap)).toEqual(['2027-03-14T07:00Z']);
    expect(between(cron(NewYork, '30 2 * * *', { missing: 'skip' }), ...gap)).toEqual([]);
  });

  it('fires once of an hour that comes twice, the first time, or the last when told so', () => {
    expect(between(cron(NewYork, '30 1 * * *'), ...overlap)).toEqual(['2027-11-07T05:30Z']);
    expect(between(cron(NewYork, '30 1 * * *', { repeated: 'last' }), ...overlap)).toEqual(['2027-11-07T06:30Z']);
  });

  it('fires every real hour with 23 and 25 in a day', () => {
    expect(between(cron(NewYork, '0 * * * *'), ...gap)).toHaveLength(23);
    expect(between(cron(NewYork, '0 * * * *'), ...overlap)).toHaveLength(25);
  });

  it.each([gap, overlap])('fires every 15 real minutes, none missing and none double, from %s', (from, to) => {
    const times = between(cron(NewYork, '*/15 * * * *'), from, to).map((at) => Date.parse(at));
    expect(times).toEqual(times.map((_, n) => Date.parse(from) + n * 900_000));
    expect(times).toHaveLength((Date.parse(to) - Date.parse(from)) / 900_000);
  });

  it('fires once at each of two fixed hours, of which one comes twice', () => {
    expect(between(cron(NewYork, '30 1,2 * * *'), ...overlap)).toEqual(['2027-11-07T05:30Z', '2027-11-07T07:30Z']);
  });

  it('keeps to the real hours every two hours', () => {
    const expected = ['2027-03-14T05:00Z', '2027-03-14T08:00Z', '2027-03-14T10:00Z'];
    expect(between(cron(NewYork, '0 */2 * * *'), ...gap).slice(0, 3)).toEqual(expected);
  });

  it('fires once when the end of the gap is a time of it too', () => {
    expect(between(cron(NewYork, '0 1-3 * * *'), ...gap)).toEqual(['2027-03-14T06:00Z', '2027-03-14T07:00Z']);
    expect(between(cron(NewYork, '15,45 2 * * *'), ...gap)).toEqual(['2027-03-14T07:00Z']);
  });

  it.each([
    ['Europe/Berlin', '30 2 * * *', '2027-03-28', ['2027-03-28T01:00Z']],
    ['Europe/Berlin', '30 2 * * *', '2027-10-31', ['2027-10-31T00:30Z']],
    ['Australia/Lord_Howe', '15 2 * * *', '2027-10-03', ['2027-10-02T15:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2027-04-04', ['2027-04-03T14:45Z']],
    ['America/Santiago', '0 0 * * *', '2027-09-05', ['2027-09-05T04:00Z']],
    ['Africa/Cairo', '0 0 * * *', '2027-04-30', ['2027-04-29T22:00Z']],
    ['Asia/Beirut', '0 0 * * *', '2027-03-28', ['2027-03-27T22:00Z']],
    ['Asia/Kathmandu', '0 9 * * *', '2027-03-28', ['2027-03-28T03:15Z']],
  ])('in %s, %s, on %s', (zone, expression, day, expected) => {
    const noon = Date.parse(`${day}T12:00Z`);
    const around = between(
      cron(zone, expression),
      new Date(noon - 25 * 3_600_000).toISOString(),
      new Date(noon + 24 * 3_600_000).toISOString(),
    );
    const local = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' });
    expect(around.filter((at) => local.format(new Date(at)) === day)).toEqual(expected);
  });

  const changes = [
    [NewYork, '2027-03-14'],
    [NewYork, '2027-11-07'],
    ['Australia/Lord_Howe', '2027-04-04'],
    ['Australia/Lord_Howe', '2027-10-03'],
    ['Africa/Cairo', '2027-04-30'],
    ['Africa/Cairo', '2027-10-29'],
  ] as const;
  const expressions = ['30 1,2 * * *', '*/15 * * * *', '0 */2 * * *', '15 0-4 * * *', '20 * * * *', '45 23,0 * * *'];

  it.each(changes)('has the same times in %s on %s from whatever moment one asks', (zone, day) => {
    const noon = Date.parse(`${day}T12:00Z`);
    const from = new Date(noon - 36 * 3_600_000);
    const to = new Date(noon + 36 * 3_600_000);
    for (const expression of expressions)
      for (const repeated of ['first', 'last']) {
        const times = new Occurrences(cron(zone, expression, { repeated }));
        const all = times.list(from, 1_000, to);
        expect(all).toEqual([...new Set(all.map(Number))].sort((a, b) => a - b).map((at) => new Date(at)));
        for (let at = from; at < to; at = new Date(at.getTime() + 17 * 60_000))
          expect(times.after(at)).toEqual(all.find((time) => time > at) ?? times.after(new Date(to.getTime() - 1)));
      }
  });
});

describe('the times of a schedule', () => {
  const from = ['2027-01-01T00:00Z', '2033-01-01T00:00Z'] as const;

  it('of a cron expression are those of its days, either of the two kinds', () => {
    expect(between(cron('UTC', '0 0 29 2 *'), ...from)).toEqual(['2028-02-29T00:00Z', '2032-02-29T00:00Z']);
    const thirtyFirst = between(cron('UTC', '0 0 31 * *'), '2027-01-01T00:00Z', '2027-06-30T00:00Z');
    expect(thirtyFirst).toEqual(['2027-01-31T00:00Z', '2027-03-31T00:00Z', '2027-05-31T00:00Z']);
    const either = between(cron('UTC', '0 0 13 * 5'), '2026-12-04T00:00Z', '2026-12-19T00:00Z');
    expect(either).toEqual(['2026-12-04T00:00Z', '2026-12-11T00:00Z', '2026-12-13T00:00Z', '2026-12-18T00:00Z']);
  });

  it('of an interval are real seconds from its start', () => {
    const every = (every_s: number, more = {}) => ScheduleTimes.parse({ when: { kind: 'interval', every_s }, ...more });
    const times = between(every(5_400, { start: '2027-03-14T05:10:00Z' }), '2027-03-14T00:00Z', '2027-03-14T09:00Z');
    expect(times).toEqual(['2027-03-14T05:10Z', '2027-03-14T06:40Z', '2027-03-14T08:10Z']);
    expect(between(every(3_600), '2027-01-01T00:30Z', '2027-01-01T02:30Z')).toHaveLength(2);
  });

  it('of a calendar are those of days on which all holds', () => {
    const calendar = (fields: object) =>
      ScheduleTimes.parse({
        when: { kind: 'calendar', times: ['09:00', '17:30'], ...fields },
        time_zone: 'Europe/Berlin',
      });
    const firstMonday = between(
      calendar({ weekdays: ['mon#1'], months: [1, 2] }),
      '2027-01-01T00:00Z',
      '2028-01-01T00:00Z',
    );
    expect(firstMonday).toEqual(['2027-01-04T08:00Z', '2027-01-04T16:30Z', '2027-02-01T08:00Z', '2027-02-01T16:30Z']);
    const lastDay = between(calendar({ days: ['last', 15] }), '2027-02-01T00:00Z', '2027-03-01T00:00Z');
    expect(lastDay).toEqual(['2027-02-15T08:00Z', '2027-02-15T16:30Z', '2027-02-28T08:00Z', '2027-02-28T16:30Z']);
    const both = between(calendar({ days: [13], weekdays: ['fri'] }), '2027-01-01T00:00Z', '2028-01-01T00:00Z');
    expect(both).toEqual(['2027-08-13T07:00Z', '2027-08-13T15:30Z']);
  });

  it('lie between start and end, on no excluded day of the zone', () => {
    const times = cron('Asia/Tokyo', '0 8 * * *', {
      start: '2027-01-01T00:00:00Z',
      end: '2027-01-08T23:00:00Z',
      exclude: [{ from: '2027-01-03', to: '2027-01-05' }, { from: '2027-01-07' }],
    });
    expect(between(times, ...from)).toEqual(['2027-01-01T23:00Z', '2027-01-05T23:00Z', '2027-01-07T23:00Z']);
  });
});

describe('times that no schedule can have', () => {
  it.each([
    ['0 0 31 2 *', '/when', /never fires/],
    ['0 0 * *', '/when/expression', /4 fields instead of five/],
    ['0 0 0 * * *', '/when/expression', /6 fields instead of five/],
    ['@daily', '/when/expression', /1 fields/],
    ['0 0 1W * *', '/when/expression', /character/],
    ['0 25 * * *', '/when/expression', /./],
    ['61 * * * *', '/when/expression', /./],
    ['*/0 * * * *', '/when/expression', /./],
    ['5-1 * * * *', '/when/expression', /./],
    ['0 0 * * FOO', '/when/expression', /./],
  ])('%s', (expression, pointer, detail) => {
    expect(faultOf(cron('UTC', expression))).toEqual({ pointer, detail: expect.stringMatching(detail) as unknown });
  });

  it('are refused at once', () => {
    expect(() => cron('Mars/X', '0 0 * * *')).toThrow('A time zone such as');
    expect(faultOf(cron('UTC', '0 0 * * *', { end: '2026-11-01T00:00:00Z' }))).toMatchObject({ pointer: '/end' });
    const excluded = { start: '2026-12-24T00:00:00Z', end: '2026-12-25T00:00:00Z', exclude: [{ from: '2026-12-24' }] };
    expect(faultOf(cron('UTC', '0 0 * * *', excluded))).toMatchObject({ pointer: '/when' });
    expect(faultOf(cron('UTC', '0 0 29 2 *'))).toBeUndefined();
  });
});
