import { cellText, seriesOf, tableOf } from './result-table.policy.js';

describe('a result as a table', () => {
  it('is a list of objects, also one inside it', () => {
    const table = {
      columns: ['a', 'b'],
      rows: [
        [1, undefined],
        [2, 'x'],
      ],
    };
    expect(tableOf([{ a: 1 }, { a: 2, b: 'x' }])).toEqual(table);
    expect(tableOf({ note: 'y', found: [{ a: 1 }, { a: 2, b: 'x' }] })).toEqual(table);
  });

  it('is columns with rows', () => {
    const rows = [[1, 2]];
    expect(tableOf({ columns: ['a', 'b'], rows })).toEqual({ columns: ['a', 'b'], rows });
    expect(tableOf({ columns: [{ name: 'a', type: 'INTEGER' }, { name: 'b' }], rows })).toEqual({
      columns: ['a', 'b'],
      rows,
    });
  });

  it.each([[null], ['text'], [[]], [[1, 2]], [{ a: 1 }], [{ columns: ['a'], rows: [{ a: 1 }, 5] }], [[{}, {}]]])(
    'is not in %j',
    (result) => {
      expect(tableOf(result)).toBeUndefined();
    },
  );

  it('has texts in its cells', () => {
    expect([null, undefined, 0, 'a', true, { a: [1] }].map(cellText)).toEqual(['', '', '0', 'a', 'true', '{"a":[1]}']);
  });
});

describe('a result as a chart', () => {
  it('shows the numbers over the times, in their order', () => {
    const table = tableOf([
      { day: '2026-01-02', sold: 2, name: 'b' },
      { day: '2026-01-01', sold: null, name: 'a' },
    ]);
    expect(table && seriesOf(table)).toEqual({
      at: [Date.UTC(2026, 0, 1) / 1_000, Date.UTC(2026, 0, 2) / 1_000],
      series: [{ name: 'sold', values: [null, 2] }],
    });
  });

  it('is none without a time for each row, or with two rows of one time', () => {
    expect(
      seriesOf({
        columns: ['a', 'b'],
        rows: [
          [1, 2],
          [2, 3],
        ],
      }),
    ).toBeUndefined();
    expect(
      seriesOf({
        columns: ['t', 'b'],
        rows: [
          ['2026-01-01', 2],
          ['2026-01-01', 3],
        ],
      }),
    ).toBeUndefined();
    expect(
      seriesOf({
        columns: ['t', 'b'],
        rows: [
          ['2026-01-01', 'x'],
          ['2026-01-02', 'y'],
        ],
      }),
    ).toBeUndefined();
  });
});
