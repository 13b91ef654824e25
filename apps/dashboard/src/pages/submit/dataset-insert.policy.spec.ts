import { datasetPlaces, tableName } from './dataset-insert.policy.js';
import type { Json } from './pointer.policy.js';

const reference = { type: 'string', pattern: '^dataset:[a-z]+$' };
const source = {
  type: 'object',
  properties: { name: { type: 'string' }, dataset: reference, content: {} },
  required: ['name'],
};

const inserted = (schema: object, payload: Json, index: number): Json | undefined =>
  datasetPlaces(schema, payload)[index]?.insert(payload, 'dataset:sales-2026');

describe('the places of a dataset in a payload', () => {
  it('are sources that are there, and one more', () => {
    const schema = { properties: { sources: { type: 'array', items: source }, sql: { type: 'string' } } };
    const payload = { sql: 'x', sources: [{ name: 'orders', format: 'csv', content: 'a\n1' }] };
    expect(datasetPlaces(schema, payload).map(({ pointer }) => pointer)).toEqual(['/sources/0', '/sources/-']);
    // Of a source that was written out, its name stays: the SQL reads it under that.
    expect(inserted(schema, payload, 0)).toEqual({
      sql: 'x',
      sources: [{ name: 'orders', dataset: 'dataset:sales-2026' }],
    });
    expect(inserted(schema, payload, 1)?.['sources']).toEqual([
      payload.sources[0],
      { name: 'sales_2026', dataset: 'dataset:sales-2026' },
    ]);
    expect(inserted(schema, {}, 0)).toEqual({ sources: [{ name: 'sales_2026', dataset: 'dataset:sales-2026' }] });
  });

  it('are members that name one, and lists of names', () => {
    const schema = { properties: { from: reference, datasets: { type: 'array', items: reference }, source } };
    expect(datasetPlaces(schema, {}).map(({ pointer }) => pointer)).toEqual(['/from', '/datasets/-', '/source']);
    expect(inserted(schema, {}, 0)).toEqual({ from: 'dataset:sales-2026' });
    expect(inserted(schema, { datasets: ['dataset:a'] }, 2)).toEqual({ datasets: ['dataset:a', 'dataset:sales-2026'] });
  });

  it('are none where nothing names one', () => {
    expect(datasetPlaces({ properties: { dataset: { type: 'string', pattern: '^[a-z]+$' } } }, {})).toEqual([]);
  });

  it.each([
    ['dataset:sales-2026@3', 'sales_2026'],
    ['dataset:2026.q1', 't_2026_q1'],
  ])('have a name that SQL takes: %s', (name, table) => {
    expect(tableName(name)).toBe(table);
  });
});
