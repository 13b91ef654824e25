import { numberPositions, timePositions } from './origin.policy.js';

describe('the places of numbers', () => {
  it('are the numbers', () => {
    expect(numberPositions([1, '2.5', null])).toEqual({ values: [1, 2.5, null], from: undefined });
    expect(numberPositions([5, 5])).toEqual({ values: [5, 5], from: undefined });
    expect(numberPositions([])).toEqual({ values: [], from: undefined });
  });

  it.each([
    [[1e15, 1e15 + 49], [0, 49], 'minus 1,000,000,000,000,000'],
    [['9007199254740993', '9007199254740992', 9007199254740991], [2, 1, 0], 'minus 9,007,199,254,740,991'],
    [['-9007199254740993', '-9007199254740992'], [0, 1], 'minus -9,007,199,254,740,993'],
    [['100000000000.25', '100000000000.50', null], [0.25, 0.5, null], 'minus 100,000,000,000'],
    [[1e15], [0], 'minus 1,000,000,000,000,000'],
  ])('%j, which are close together, are %j from an origin', (cells, values, from) => {
    expect(numberPositions(cells)).toEqual({ values, from });
  });
});

describe('the places of times', () => {
  it('are milliseconds', () => {
    expect(timePositions(['1970-01-01', null, '1970-01-01T00:00:01.5']).values).toEqual([0, null, 1_500]);
  });

  it('are finer where milliseconds do not tell them apart', () => {
    expect(timePositions(['2026-01-01T00:00:00.000001', '2026-01-01T00:00:00.000002', null])).toEqual({
      values: [1, 2, null],
      from: 'µs after 2026-01-01 00:00:00',
    });
    expect(timePositions(['2026-01-01T00:00:00.999999999', '2026-01-01T00:00:01.000000001'])).toEqual({
      values: [999_999_999, 1_000_000_001],
      from: 'ns after 2026-01-01 00:00:00',
    });
  });
});
