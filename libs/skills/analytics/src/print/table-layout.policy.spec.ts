import { columnWidths } from './table-layout.policy.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the columns of a table', () => {
  it('are as wide as they need when there is room', () => {
    expect(
      columnWidths(
        [
          { least: 30, whole: 50 },
          { least: 5, whole: 5 },
        ],
        200,
      ),
    ).toEqual([50, 24]);
  });

  it('share what is left when there is too little, and keep their words whole as long as they can', () => {
    const widths = columnWidths(
      [
        { least: 40, whole: 60 },
        { least: 50, whole: 900 },
      ],
      200,
    );
    expect(sum(widths)).toBeCloseTo(200, 6);
    expect(widths[0]).toBeGreaterThanOrEqual(40);
    const cramped = columnWidths(
      Array.from({ length: 12 }, () => ({ least: 90, whole: 300 })),
      400,
    );
    expect(sum(cramped)).toBeLessThanOrEqual(400.001);
    expect(Math.min(...cramped)).toBeGreaterThan(24);
  });
});
