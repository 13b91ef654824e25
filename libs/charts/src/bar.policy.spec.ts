import { barLayout, barsHeight, fitLabels } from './bar.policy.js';

const labels = (count: number, text: string): string[] => Array.from({ length: count }, (_, n) => `${text} ${n}`);

describe('the layout of bars', () => {
  it.each([
    ['a few short names', labels(5, 'Q'), 'category', 'upright'],
    ['long names', labels(15, 'a rather long name'), 'category', 'lying'],
    ['very many names', labels(200, 'name'), 'category', 'tilted'],
    ['many days', labels(200, '2026-01-01'), 'time', 'thinned'],
    ['nothing', [], 'category', 'upright'],
  ] as const)('of %s', (_case, names, kind, layout) => {
    expect(barLayout(names, kind, 800)).toBe(layout);
  });

  it('grows with the number of horizontal bars, within limits', () => {
    expect(barsHeight('upright', 500, 3, 60)).toBe(450);
    expect(barsHeight('lying', 5, 1, 60)).toBe(450);
    expect(barsHeight('lying', 40, 1, 60)).toBe(1_000);
    expect(barsHeight('lying', 60, 20, 60)).toBe(1_920);
  });

  it('shortens labels that would leave no room', () => {
    const long = ['x'.repeat(200)];
    expect(fitLabels(['short'], 'lying', { width: 800 }, 450)).toEqual(['short']);
    expect(fitLabels(long, 'upright', { width: 800 }, 450)).toEqual(long);
    expect(fitLabels(long, 'tilted', { width: 800 }, 450)[0]?.length).toBeLessThan(20);
    expect(fitLabels(long, 'lying', { width: 800 }, 450)[0]?.length).toBeGreaterThan(30);
  });
});
