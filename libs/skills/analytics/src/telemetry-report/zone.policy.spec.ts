import { changesOffset, isTimeZone, timeText, zoneAt } from './zone.policy.js';

const at = (text: string): number => Date.parse(text);

describe('the zone of a report', () => {
  it('is that of its end, with its offset', () => {
    const winter = zoneAt('Europe/Berlin', at('2026-11-29T10:00:00Z'));
    expect(winter).toEqual({ label: 'Europe/Berlin, UTC+01:00', offsetMs: 3_600_000 });
    expect(zoneAt('Europe/Berlin', at('2026-07-01T10:00:00Z')).label).toBe('Europe/Berlin, UTC+02:00');
    expect(zoneAt('America/St_Johns', at('2026-01-01T00:00:00Z')).label).toBe('America/St_Johns, UTC-03:30');
    expect(zoneAt('UTC', 0)).toEqual({ label: 'UTC', offsetMs: 0 });
    expect(timeText(at('2026-11-29T23:30:00Z'), winter)).toBe('2026-11-30 00:30');
  });

  it('says when clocks were changed', () => {
    const [summer, winter] = [at('2026-10-24T00:00:00Z'), at('2026-10-26T00:00:00Z')];
    expect(changesOffset('Europe/Berlin', summer, winter)).toBe(true);
    expect(changesOffset('UTC', summer, winter)).toBe(false);
  });

  it('is one that exists', () => {
    expect(['UTC', 'Asia/Kathmandu', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
