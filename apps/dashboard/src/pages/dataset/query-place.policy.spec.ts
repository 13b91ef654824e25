import { queryPlace, tableNameOf } from './query-place.policy.js';

describe('a query over a dataset', () => {
  it.each([
    ['sales', 'sales'],
    ['2026-sales.v1', 't_2026_sales_v1'],
    ['a'.repeat(100), 'a'.repeat(63)],
  ])('finds %s as the table %s', (dataset, table) => {
    expect(tableNameOf(dataset)).toBe(table);
  });

  it('opens the form with its payload', () => {
    const url = new URL(queryPlace('sales', 'dataset:sales@3'), 'http://pulser.test');
    expect(url.pathname).toBe('/submit');
    expect(JSON.parse(url.searchParams.get('payload') ?? '')).toEqual({
      operation: 'query',
      sources: [{ name: 'sales', dataset: 'dataset:sales@3' }],
      sql: 'SELECT * FROM "sales" LIMIT 100',
    });
  });
});
