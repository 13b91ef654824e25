import fc from 'fast-check';

import { shadesOf } from './heat-map.policy.js';

const holds = (bounds: Readonly<Record<string, number>>, value: number): boolean =>
  Object.entries(bounds).every(([kind, bound]) => {
    switch (kind) {
      case 'value':
        return value === bound;
      case 'gt':
        return value > bound;
      case 'gte':
        return value >= bound;
      case 'lt':
        return value < bound;
      default:
        return value <= bound;
    }
  });

describe('the shades of a heat map', () => {
  it('have round limits, and zero has its own', () => {
    expect(shadesOf([0, 3, 9.5])).toEqual([
      { label: '0', bounds: { value: 0 } },
      { label: 'above 0 to 2', bounds: { gt: 0, lt: 2 } },
      { label: '2 to 4', bounds: { gte: 2, lt: 4 } },
      { label: '4 to 6', bounds: { gte: 4, lt: 6 } },
      { label: '6 to 8', bounds: { gte: 6, lt: 8 } },
      { label: '8 to 10', bounds: { gte: 8, lte: 10 } },
    ]);
    expect(shadesOf([-3, 2]).map(({ label }) => label)).toEqual([
      '-3 to -2',
      '-2 to -1',
      '-1 to 0',
      '0 to 1',
      '1 to 2',
    ]);
    expect(shadesOf([7, 7])).toEqual([{ label: '7', bounds: { value: 7 } }]);
    expect(shadesOf([])).toEqual([]);
  });

  it('hold every value in exactly one', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const numbers = fc.array(number, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(numbers, (values) => {
        // As the scale of a chart leaves them: of twelve digits, and none that no axis shows.
        const drawn = values.map((value) => (Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(12))));
        const shades = shadesOf(drawn);
        for (const value of drawn) expect(shades.filter(({ bounds }) => holds(bounds, value))).toHaveLength(1);
      }),
    );
  });
});
