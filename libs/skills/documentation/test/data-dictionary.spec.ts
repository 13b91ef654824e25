import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { dataDictionaryExample } from '../src/dictionary/data-dictionary-contract.js';
import { TestDatasets } from './datasets.js';
import { dataDictionary } from './run.js';

const publicData = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');
const vega = (name: string): string => readFileSync(join(publicData, name), 'utf8');

describe('the data dictionary of a schema', () => {
  it('says what was given, draws it, and says what is not known', async () => {
    const { result, page } = await dataDictionary(dataDictionaryExample);
    expect(result.references).toEqual([
      { table: 'orders', columns: ['customer_id'], to: 'customers', to_columns: ['id'] },
    ]);
    expect(result.unknown).toEqual({
      descriptions: 4,
      types: 0,
      nullability: 1,
      primary_keys: 0,
      columns: ['orders.status', 'customers.id', 'orders.id', 'orders.customer_id'],
    });
    expect(page).toContain('```mermaid\nerDiagram\n  customers {\n    bigint id PK\n    text name\n  }\n');
    expect(page).toContain('  customers ||--o{ orders : "customer_id"\n');
    expect(page).toContain('| `name` | `text` | never null |  | As it is printed on bills |');
    expect(page).toContain('| `status` | `text` | not known |  | *not known*; one of open, paid |');
  });

  it('is safe whatever the names are', async () => {
    const bad = '"><script>alert(1)</script>|`x`\n} --';
    const columns = [{ name: bad, type: bad, description: bad, examples: [bad] }, { name: `${bad}2` }];
    const { page } = await dataDictionary({
      title: bad,
      tables: [{ name: bad, columns, description: bad, primary_key: [bad] }],
    });
    const [, diagram = '', rest = ''] = /```mermaid\n([^]*?)```([^]*)/.exec(page) ?? [];
    expect(diagram.split('\n').slice(1, -1)).toEqual([
      expect.stringMatching(/^ {2}\w+ \{$/),
      expect.stringMatching(/^ {4}\w+ \w+ PK "[^"]*"$/),
      expect.stringMatching(/^ {4}unknown \w+ "[^"]*"$/),
      '  }',
    ]);
    expect(rest.replaceAll(/(`+)[^]*?\1/g, '')).not.toMatch(/(?<!\\)<script/);
  });

  it.each([
    ['a key of a column that is not there', { primary_key: ['b'] }],
    ['a column twice', { columns: [{ name: 'a' }, { name: 'a' }] }],
    ['a foreign key of a column that is not there', { foreign_keys: [{ columns: ['b'], table: 'a' }] }],
  ])('is refused for %s', async (_, more) => {
    await expect(dataDictionary({ tables: [{ name: 'a', columns: [{ name: 'a' }], ...more }] })).rejects.toMatchObject({
      code: 'document_not_supported',
    });
  });

  it('wants tables or datasets', async () => {
    await expect(dataDictionary({})).rejects.toMatchObject({ code: 'invalid_payload' });
  });
});

describe('the data dictionary of datasets', () => {
  const datasets = new TestDatasets();
  const airports = vega('airports.csv');
  const flights = vega('flights-airport.csv');

  beforeAll(async () => {
    await datasets.add('airports', airports);
    await datasets.add('flights', flights);
    await datasets.add('customers', 'id,name\n1,Ada\n2,Bob\n3,Cid\n');
    await datasets.add('orders', 'number,customer_id,amount\n10,1,2.5\n11,1,\n12,3,4.5\n');
    await datasets.add('returns', 'number,customer_id\n1,1\n2,9\n');
  });

  afterAll(() => {
    datasets.remove();
  });

  const run = (input: Readonly<Record<string, unknown>>): ReturnType<typeof dataDictionary> =>
    dataDictionary(input, { data: datasets.data });

  it('counts what a reader of the CSV counts by another way', async () => {
    const { result, page } = await run({ datasets: ['dataset:airports'] });
    const rows = airports.trim().split(/\r?\n/).slice(1);
    const iata = rows.map((row) => row.split(',')[0]);
    expect(result.tables[0]).toMatchObject({
      name: 'airports',
      reference: 'dataset:airports@1',
      rows: rows.length,
      primary_key: null,
    });
    expect(new Set(iata).size).toBe(rows.length);
    expect(result.tables[0]?.unique_in_the_data).toContain('iata');
    const states = new Set(rows.map((row) => row.split(',').at(-4)));
    expect(states.size).toBeGreaterThan(40);
    expect(page).toContain(
      `| \`iata\` | \`VARCHAR\` | none in the data | unique in the data | *not known*; ${rows.length} distinct values |`,
    );
  });

  it('finds which columns refer to others, and says that it was seen and not declared', async () => {
    const { result, page } = await run({ datasets: ['dataset:customers', 'dataset:orders', 'dataset:returns'] });
    expect(result.references).toEqual([]);
    expect(result.observed_references).toEqual([
      { table: 'orders', columns: ['customer_id'], to: 'customers', to_columns: ['id'], values: 3 },
    ]);
    expect(result.notes).toEqual(
      expect.arrayContaining(['1 of 2 values of returns.customer_id are not in customers.id']),
    );
    expect(page).toContain('  customers ||..o{ orders : "customer_id"');
    expect(page).toContain('1 in the data');
  });

  it('shows values only when it is asked to', async () => {
    expect((await run({ datasets: ['dataset:customers'] })).page).not.toContain('Ada');
    const { page } = await run({
      datasets: ['dataset:customers'],
      examples: true,
      about: { 'customers.name': 'As on bills' },
    });
    expect(page).toContain('As on bills; 3 distinct values; for example `Ada`, `Bob`, `Cid`');
  });

  it('reads no rows when it is not to measure', async () => {
    const { result, page } = await run({ datasets: ['dataset:orders'], measure: false });
    expect(result.tables[0]).toMatchObject({ rows: 3, unique_in_the_data: [] });
    expect(page).toContain('| `amount` | `DOUBLE` | not known |');
  });

  it('says that there is no such dataset', async () => {
    await expect(run({ datasets: ['dataset:none'] })).rejects.toMatchObject({ code: 'data_not_found' });
  });
});
