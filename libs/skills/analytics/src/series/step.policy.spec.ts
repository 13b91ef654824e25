import { calendarSeasons, findStep, stepInWords, stepsBetween, timeAfter } from './step.policy.js';

const times = (...isos: string[]): number[] => isos.map((iso) => Date.parse(iso));
const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);

const after = (isos: string[], steps: number): string => {
  const step = findStep(times(...isos), false);
  return iso(timeAfter(step, Date.parse(isos[0] ?? ''), steps));
};

describe('the step of a series', () => {
  it.each([
    [['2024-01-31', '2024-02-29', '2024-03-31'], '1 month', '2024-04-30'],
    [['2024-01-30', '2024-03-30', '2024-04-30'], '1 month', '2024-02-29'],
    [['2024-01-15', '2024-04-15', '2024-07-15'], '3 months', '2024-10-15'],
    [['2021-06-01', '2022-06-01', '2023-06-01'], '1 year', '2024-06-01'],
    [['2024-01-01', '2024-01-08', '2024-01-15'], '1 week', '2024-01-22'],
    [['2024-02-27', '2024-02-28', '2024-03-01'], '1 day', '2024-02-29'],
  ])('of %j is %s', (isos, words, fourth) => {
    expect(stepInWords(findStep(times(...isos), false))).toBe(words);
    const known = new Set(isos);
    const next = [1, 2, 3].map((steps) => after(isos, steps));
    expect(next.filter((day) => !known.has(day))).toContain(fourth);
  });

  it('leaves out weekends only when there is none in two weeks', () => {
    const weekdays = Array.from({ length: 12 }, (_, at) =>
      timeAfter({ unit: 'weekday' }, Date.parse('2024-02-27'), at),
    );
    expect(findStep(weekdays, false)).toEqual({ unit: 'weekday' });
    expect(weekdays.map(iso).slice(3, 5)).toEqual(['2024-03-01', '2024-03-04']);
    expect(findStep(weekdays.slice(0, 4), false)).toEqual({ unit: 'ms', count: 86_400_000 });
    expect(stepsBetween({ unit: 'weekday' }, Date.parse('1969-12-31'), Date.parse('1970-01-05'))).toBe(3);
  });

  it('is the one that most neighbours have, whatever the gaps', () => {
    expect(findStep([1, 2, 3, 7, 8, 20], true)).toEqual({ unit: 'number', count: 1 });
    expect(stepsBetween({ unit: 'ms', count: 1_000 }, 0, 1_500)).toBe(1.5);
  });

  it('suggests the seasons of the calendar', () => {
    const hour = { unit: 'ms', count: 3_600_000 } as const;
    expect(calendarSeasons(hour)).toEqual([24, 168]);
    expect(calendarSeasons({ unit: 'ms', count: 86_400_000 })).toEqual([7, 365]);
    expect(calendarSeasons({ unit: 'month', count: 3, atEnd: false })).toEqual([4]);
    expect(calendarSeasons({ unit: 'month', count: 12, atEnd: false })).toEqual([]);
    expect(calendarSeasons({ unit: 'number', count: 1 })).toEqual([]);
  });
});
