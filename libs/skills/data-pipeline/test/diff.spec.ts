import { DiffResult } from '../src/index.js';
import { Pipeline, publicFile } from './pipeline.js';

const pipeline = new Pipeline();
afterAll(() => {
  pipeline.close();
});

const compared = async (more: Record<string, unknown>): Promise<{ result: DiffResult; lines: unknown[] }> => {
  const { result, artifacts } = await pipeline.run({
    operation: 'diff',
    from: 'dataset:stock@1',
    to: 'dataset:stock@2',
    ...more,
  });
  const text = artifacts.get('differences.ndjson')?.content.toString().trim() ?? '';
  return {
    result: DiffResult.parse(result),
    lines: text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as unknown),
  };
};

describe('diff', () => {
  beforeAll(async () => {
    await pipeline.ingest('stock', 'sku,name,price,old\na,Apple,1.5,x\nb,Bean,2,x\nc,Corn,3,x\nd,Date,4,x\n');
    await pipeline.ingest('stock', 'SKU,name,price,new\na,Apple,1.5,1\nb,Bean,2.5,1\nd,date,,1\ne,Egg,5,1\n');
  });

  it('tells by key what was added, removed and changed, exactly', async () => {
    const { result, lines } = await compared({ key: ['sku'] });
    expect(result).toEqual({
      from: 'dataset:stock@1',
      to: 'dataset:stock@2',
      rows_from: 4,
      rows_to: 4,
      added: 1,
      removed: 1,
      changed: 2,
      unchanged: 1,
      columns_added: [{ name: 'new', type: 'BIGINT' }],
      columns_removed: [{ name: 'old', type: 'VARCHAR' }],
      columns_retyped: [],
      changes_by_column: { name: 1, price: 2 },
      samples: {
        added: [{ SKU: 'e', name: 'Egg', price: 5, new: 1 }],
        removed: [{ sku: 'c', name: 'Corn', price: 3, old: 'x' }],
        changed: [
          { key: { SKU: 'b' }, changes: { price: { from: 2, to: 2.5 } } },
          { key: { SKU: 'd' }, changes: { name: { from: 'Date', to: 'date' }, price: { from: 4, to: null } } },
        ],
      },
      differences: 'differences.ndjson',
    });
    expect(lines).toHaveLength(4);
  });

  it('compares whole rows without a key, as often as they stand there', async () => {
    await pipeline.ingest('bag', 'a,b\n1,x\n1,x\n2,y\n');
    await pipeline.ingest('bag', 'a,b\n1,x\n2,y\n2,y\n3,z\n');
    const { result } = await compared({ from: 'dataset:bag@1', to: 'dataset:bag@2' });
    expect(result).toMatchObject({ added: 2, removed: 1, changed: null, unchanged: 2 });
    expect(result.samples.removed).toEqual([{ a: 1, b: 'x' }]);
  });

  it('finds nothing between a dataset and itself', async () => {
    const { result, lines } = await compared({ from: 'dataset:stock@2', key: ['sku'] });
    expect(result).toMatchObject({ added: 0, removed: 0, changed: 0, unchanged: 4, differences: null });
    expect(lines).toEqual([]);
  });

  it('takes equal NULLs in keys and values for equal, and compares columns of another type as text', async () => {
    await pipeline.ingest('gaps', 'k,v,t\n,1,\n2,,5\n');
    await pipeline.ingest('gaps', 'k,v,t\n,1,\n2,,5x\n');
    const { result } = await compared({ from: 'dataset:gaps@1', to: 'dataset:gaps@2', key: ['k'] });
    expect(result).toMatchObject({
      added: 0,
      removed: 0,
      changed: 1,
      columns_retyped: [{ name: 't', from: 'BIGINT', to: 'VARCHAR' }],
    });
    expect(result.samples.changed).toEqual([{ key: { k: 2 }, changes: { t: { from: '5', to: '5x' } } }]);
  });

  it('agrees with planted differences on public data', async () => {
    const [header = '', ...rows] = publicFile('airports.csv').toString().trim().split('\n');
    const planted = rows
      .slice(10)
      .map((row, index) => (index % 50 === 0 ? row.replace(/^(\w+),[^,"]*/, '$1,Renamed') : row));
    const renamed = planted.filter((row, index) => row !== rows[index + 10]).length;
    const born = ['ZZ1,New,Town,TX,USA,1.5,2.5', 'ZZ2,New,Town,TX,USA,1.5,2.5'];
    await pipeline.ingest('airports', [header, ...rows].join('\n'));
    await pipeline.ingest('airports', [header, ...planted, ...born].join('\n'));
    const { result, lines } = await compared({
      from: 'dataset:airports@1',
      to: 'dataset:airports@2',
      key: ['iata'],
      samples: 3,
    });
    expect(result).toMatchObject({ added: 2, removed: 10, changed: renamed, changes_by_column: { name: renamed } });
    expect(renamed).toBeGreaterThan(50);
    expect(result.samples.removed).toHaveLength(3);
    expect(lines).toHaveLength(12 + renamed);
  });

  it('takes NaN for a value like any other', async () => {
    const sql = "SELECT * FROM (VALUES (1, 'NaN'::DOUBLE, ['NaN'::DOUBLE]), (2, 1.5, [1.5])) t(k, v, l)";
    await pipeline.run({ operation: 'transform', dataset: 'unreal', sources: [], sql });
    await pipeline.run({
      operation: 'transform',
      dataset: 'unreal',
      sources: [],
      sql: sql.replace('2, 1.5,', "2, 'NaN',"),
    });
    const { result } = await compared({ from: 'dataset:unreal@1', to: 'dataset:unreal@2', key: ['k'] });
    expect(result).toMatchObject({
      changed: 1,
      samples: { changed: [{ key: { k: 2 }, changes: { v: { from: 1.5, to: 'nan' } } }] },
    });
  });

  it('refuses a key that does not tell rows apart, and says which', async () => {
    await expect(compared({ from: 'dataset:bag@1', to: 'dataset:bag@2', key: ['a'] })).rejects.toMatchObject({
      code: 'key_not_unique',
      message: expect.stringContaining('dataset:bag@1 apart: 2 rows share theirs, such as {"a":1}') as string,
    });
    await expect(compared({ key: ['old'] })).rejects.toMatchObject({ code: 'column_unknown' });
  });
});
