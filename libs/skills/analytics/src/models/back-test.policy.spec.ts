import { backTest, choose, minValues, originsOf, type Tested } from './back-test.policy.js';
import { drift, naive, normalQuantile, seasonalNaive } from './naive.policy.js';

const known = (values: readonly number[]): { values: readonly number[]; known: boolean[] } => ({
  values,
  known: values.map(() => true),
});

describe('naive forecasts', () => {
  it('repeat the last season, the last value and the mean change', () => {
    expect(seasonalNaive(3)([1, 2, 3, 4, 5, 6], 4, 0.95).point).toEqual([4, 5, 6, 4]);
    expect(naive([1, 2, 5], 2, 0.95).point).toEqual([5, 5]);
    expect(drift([1, 2, 5], 2, 0.95).point).toEqual([7, 9]);
  });

  it('have the intervals of their formulas', () => {
    const { point, upper } = naive([0, 1, 0, 1], 4, 0.95);
    // Changes of 1: a deviation of 1 times the root of the step.
    expect(upper.map((value, at) => value - (point[at] ?? 0))).toEqual(
      [1, 2, 3, 4].map((step) => expect.closeTo(1.959964 * Math.sqrt(step), 5) as number),
    );
  });

  it.each([
    [0.5, 0],
    [0.975, 1.959963985],
    [0.995, 2.575829304],
    [0.75, 0.67448975],
    [0.01, -2.326347874],
  ])('know the quantile of %d', (p, quantile) => {
    expect(normalQuantile(p)).toBeCloseTo(quantile, 7);
  });
});

describe('a back-test', () => {
  it('has three to twelve origins, the last a horizon before the end', () => {
    expect(originsOf(minValues(12, 6) - 1, 12, 6)).toBeUndefined();
    expect(originsOf(minValues(12, 6), 12, 6)?.lengths).toEqual([25, 26, 27]);
    const { lengths = [] } = originsOf(500, 12, 6) ?? {};
    expect(lengths).toEqual(Array.from({ length: 12 }, (_, at) => 494 - 6 * (11 - at)));
  });

  it('shows a model only what was known, and counts no value that was put in', () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const seen: number[] = [];
    const series = { values, known: values.map((value) => value !== 8) };
    const tested = backTest(series, { lengths: [7, 8], horizon: 2 }, 1, 0.95, {
      model: 'naive',
      predict: (past, horizon) => {
        seen.push(past.length);
        return { point: Array<number>(horizon).fill(past.at(-1) ?? 0), lower: [0, 0], upper: [8, 8] };
      },
    });
    expect(seen).toEqual([7, 8]);
    // Errors 1 from the first origin (of 7; 8 is unknown) and 2 from the second (of 9).
    expect(tested).toMatchObject({ mae: 1.5, mase: 1.5, coverage: 0.5, byOrigin: [1, 2] });
  });

  it('says why a model could not be fitted', () => {
    const failing = {
      model: 'mstl',
      predict: () => {
        throw new Error('no');
      },
    } as const;
    expect(backTest(known([1, 2, 3, 4]), { lengths: [2], horizon: 2 }, 1, 0.9, failing)).toMatchObject({
      mae: null,
      failure: 'no',
    });
  });
});

describe('the choice', () => {
  const tested = (model: Tested['model'], byOrigin: number[]): Tested => ({
    model,
    byOrigin,
    mae: byOrigin.reduce((sum, error) => sum + error, 0) / byOrigin.length,
    mase: 1,
    coverage: 0.9,
  });
  const naiveErrors = [4, 5, 4, 6, 5, 4];

  it('is a model that is better from every origin', () => {
    const model = tested(
      'mstl',
      naiveErrors.map((error) => error / 2),
    );
    expect(choose([tested('seasonal_naive', naiveErrors), model]).model).toBe('mstl');
  });

  it('stays with naive when the gain may be chance: one origin made it', () => {
    const model = tested('mstl', [4.2, 5.1, 4.1, 6.2, 5.3, 0.1]);
    expect(model.mae).toBeLessThan(4.5);
    expect(choose([tested('seasonal_naive', naiveErrors), model]).model).toBe('seasonal_naive');
  });

  it('takes no model that failed, and one that is exact', () => {
    const failed: Tested = { model: 'mstl', mae: null, mase: null, coverage: null, byOrigin: [], failure: 'no' };
    expect(choose([tested('seasonal_naive', naiveErrors), failed]).model).toBe('seasonal_naive');
    expect(
      choose([
        tested('seasonal_naive', naiveErrors),
        tested(
          'mstl',
          naiveErrors.map(() => 0),
        ),
      ]).model,
    ).toBe('mstl');
    expect(choose([tested('seasonal_naive', [0, 0, 0]), tested('mstl', [0, 0, 0])]).model).toBe('seasonal_naive');
  });
});
