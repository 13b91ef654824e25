import { Chart } from './chart-input.js';
import { chartProblem, indexOf, isNumeric, isTemporal, labelOf, numberOf, timeOf } from './table.policy.js';

const columns = [
  { name: 'day', type: 'DATE' },
  { name: 'Rain', type: 'DOUBLE' },
  { name: 'place', type: 'VARCHAR' },
];

const problem = (chart: Record<string, unknown>): string | undefined =>
  chartProblem(Chart.parse(chart), columns)?.message;

describe('the columns of a chart', () => {
  it.each(['TINYINT', 'UBIGINT', 'HUGEINT', 'DECIMAL(18,3)', 'FLOAT', 'DOUBLE', 'BIGNUM'])('%s is numeric', (type) => {
    expect(isNumeric({ name: 'n', type })).toBe(true);
  });

  it.each(['VARCHAR', 'BOOLEAN', 'DOUBLE[]', 'DATE', 'INTERVAL', 'STRUCT("a" INTEGER)'])('%s is not', (type) => {
    expect(isNumeric({ name: 'n', type })).toBe(false);
  });

  it.each(['DATE', 'TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE'])('%s is a time', (type) => {
    expect(isTemporal({ name: 'n', type })).toBe(true);
    expect(isTemporal({ name: 'n', type: 'TIME' })).toBe(false);
  });

  it('are found in any case, the exact one first', () => {
    expect(indexOf(columns, 'rain')).toBe(1);
    expect(indexOf([...columns, { name: 'rain', type: 'DOUBLE' }], 'rain')).toBe(3);
    expect(indexOf(columns, 'snow')).toBe(-1);
  });

  it('are there and numeric where they must be', () => {
    expect(problem({ kind: 'line', x: 'day', y: ['rain', 'snow'] })).toBe(
      'chart.y names the column snow, which the query does not return',
    );
    expect(problem({ kind: 'line', x: 'time', y: 'rain' })).toMatch(/^chart\.x names the column time/);
    expect(problem({ kind: 'line', x: 'day', y: 'rain', series: 'city' })).toMatch(/^chart\.series names/);
    expect(problem({ kind: 'pie', x: 'day', y: 'place' })).toBe('chart.y needs a numeric column: place is VARCHAR');
    expect(problem({ kind: 'histogram', x: 'place' })).toMatch(/^chart\.x needs a numeric column/);
    expect(problem({ kind: 'line', x: 'day', y: 'rain', series: 'place' })).toBeUndefined();
    expect(problem({ kind: 'histogram', x: 'rain' })).toBeUndefined();
  });

  it('are listed with the problem', () => {
    expect(chartProblem(Chart.parse({ kind: 'pie', x: 'nope', y: 'rain' }), columns)).toMatchObject({
      code: 'invalid_payload',
      details: { columns },
    });
  });
});

describe('a cell', () => {
  it.each([
    [1.5, 1.5],
    ['12.50', 12.5],
    ['170141183460469231731687303715884105727', 1.7014118346046923e38],
    [null, null],
    [undefined, null],
    ['x', null],
  ])('%j as a number is %j', (cell, number) => {
    expect(numberOf(cell)).toBe(number);
  });

  it.each([
    ['1970-01-02', 86_400_000],
    ['1970-01-01T00:00:01.5', 1_500],
    ['1970-01-01T00:00:01.123456789', 1_123],
    ['1970-01-01T00:00:01Z', 1_000],
    ['infinity', null],
    [null, null],
    [5, null],
  ])('%j as a time is %j', (cell, time) => {
    expect(timeOf(cell)).toBe(time);
  });

  it.each([
    ['North', 'North'],
    [2_007, '2007'],
    [true, 'true'],
    [null, '(none)'],
    [' ', '(empty)'],
    [['a', 1], '["a",1]'],
  ])('%j as a label is %s', (cell, label) => {
    expect(labelOf(cell)).toBe(label);
  });
});
