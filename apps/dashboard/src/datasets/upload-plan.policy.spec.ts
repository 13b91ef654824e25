import {
  datasetNameOf,
  formatOf,
  isDatasetName,
  isReadable,
  maxPartBytes,
  minPartBytes,
  nameFault,
  nextPartBytes,
} from './upload-plan.policy.js';

describe('the name of a dataset', () => {
  it.each([
    ['Sales 2026.csv', 'sales-2026'],
    ['Umsätze (März).xlsx', 'umsatze-marz'],
    ['orders.csv.gz', 'orders'],
    ['v1.2-export.parquet', 'v1.2-export'],
    ['_.hidden.json', 'hidden'],
    ['売上.csv', ''],
    ['README', 'readme'],
  ])('of the file %s is %s', (fileName, name) => {
    expect(datasetNameOf(fileName)).toBe(name);
    expect(isDatasetName(name)).toBe(name !== '');
  });

  it('is never longer than a name may be', () => {
    expect(isDatasetName(datasetNameOf(`${'a'.repeat(300)}.csv`))).toBe(true);
  });
});

describe('the format of a file', () => {
  it.each([
    ['a.CSV', 'csv'],
    ['a.tsv', 'csv'],
    ['a.jsonl.gz', 'ndjson'],
    ['a.parquet', 'parquet'],
    ['a.bin', undefined],
    ['a', undefined],
    ['a.constructor', undefined],
  ])('%s is %s', (fileName, format) => {
    expect(formatOf(fileName)).toBe(format);
  });
});

describe('the next part of an upload', () => {
  it('grows on a fast line, twofold at most, up to a bound', () => {
    expect(nextPartBytes(4 << 20, 10)).toBe(8 << 20);
    expect(nextPartBytes(maxPartBytes, 1)).toBe(maxPartBytes);
  });

  it('shrinks on a slow line, down to a bound', () => {
    expect(nextPartBytes(8 << 20, 4_000)).toBe(2 << 20);
    expect(nextPartBytes(minPartBytes, 60_000)).toBe(minPartBytes);
  });
});

describe('a file that becomes a dataset', () => {
  it.each([
    ['sales.csv', 'sales', 'csv'],
    ['Sales 2026 (final).csv.gz', 'sales-2026-final', 'csv'],
    ['Umsätze.XLSX', 'umsatze', 'xlsx'],
    ['events.v2.jsonl', 'events.v2', 'ndjson'],
    ['.csv', 'data', 'csv'],
    ['日本.parquet', 'data', 'parquet'],
    ['dump.zip', 'dump', undefined],
    ['notes.md', 'notes.md', undefined],
  ])('has a name and a format: %s', (file, name, format) => {
    expect(datasetNameOf(file) || 'data').toBe(name);
    expect(nameFault(datasetNameOf(file) || 'data')).toBeUndefined();
    expect(formatOf(file)).toBe(format);
  });

  it('is said to be none that is read, when it is none', () => {
    expect(isReadable('a.zip')).toBe(true);
    expect(isReadable('a.constructor')).toBe(false);
    expect(isReadable('csv')).toBe(false);
  });

  it.each(['', 'Sales', '-a', 'a b', 'a'.repeat(101)])('has no name that the API refuses: %s', (name) => {
    expect(nameFault(name)).toBeDefined();
  });
});
