import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';

import { eventually } from '@pulser/testing';
import { parse } from 'csv-parse/sync';

import { IngestResult } from '../src/index.js';
import { Pipeline, publicFile } from './pipeline.js';

const pipeline = new Pipeline();
afterAll(() => {
  pipeline.close();
});

const ingested = async (dataset: string, source: Record<string, unknown>): Promise<IngestResult> =>
  IngestResult.parse((await pipeline.run({ operation: 'ingest', dataset, source })).result);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('ingest', () => {
  it('keeps a public CSV file as a dataset, with every value', async () => {
    const csv = publicFile('airports.csv');
    const result = await ingested('airports', { content: csv.toString() });
    const records: Record<string, string>[] = parse(csv, { columns: true, bom: true });
    expect(result).toMatchObject({
      dataset: 'dataset:airports@1',
      version: 1,
      rows_in: records.length,
      rows_ok: records.length,
      rows_rejected: 0,
      rejected: null,
      columns: [
        { name: 'iata', type: 'VARCHAR' },
        { name: 'name', type: 'VARCHAR' },
        { name: 'city', type: 'VARCHAR' },
        { name: 'state', type: 'VARCHAR' },
        { name: 'country', type: 'VARCHAR' },
        { name: 'latitude', type: 'DOUBLE' },
        { name: 'longitude', type: 'DOUBLE' },
      ],
    });
    const rows = await pipeline.rowsOf('dataset:airports');
    expect(rows).toHaveLength(records.length);
    rows.forEach((row, index) => {
      const record = records[index] ?? {};
      expect({ ...row, latitude: Number(row['latitude']), longitude: Number(row['longitude']) }).toEqual({
        ...record,
        latitude: Number(record['latitude']),
        longitude: Number(record['longitude']),
      });
    });
  });

  it('reads JSON, NDJSON, gzip, files of other tasks, uploads and other datasets', async () => {
    const cars = publicFile('cars.json');
    const items = JSON.parse(cars.toString()) as unknown[];
    const ndjson = items.map((item) => JSON.stringify(item)).join('\n');
    pipeline.give(`upload:${'a'.repeat(64)}`, gzipSync(ndjson));
    pipeline.give('artifact:0198c7a0-0000-7000-8000-000000000009/cars.json', cars);
    const sources: Record<string, unknown>[] = [
      { content: cars.toString() },
      { content_base64: base64(gzipSync(cars)) },
      { upload: 'a'.repeat(64) },
      { artifact: 'artifact:0198c7a0-0000-7000-8000-000000000009/cars.json' },
    ];
    for (const source of sources) {
      const result = await ingested('cars', source);
      expect(result).toMatchObject({ rows_in: items.length, rows_ok: items.length });
      expect(result.columns).toContainEqual({ name: 'Year', type: 'DATE' });
    }
    const copy = await ingested('cars-copy', { dataset: 'dataset:cars@2' });
    expect(copy).toMatchObject({ rows_in: items.length, source: { format: 'parquet' } });
  });

  it('records what it opened, with its version, and each time keeps the next version', async () => {
    await pipeline.ingest('steps', 'a\n1\n');
    const second = await pipeline.ingest('steps', 'a\n1\n2\n');
    expect(second.result).toMatchObject({ dataset: 'dataset:steps@2', version: 2 });
    const { opened } = await pipeline.run({ operation: 'ingest', dataset: 'x', source: { dataset: 'dataset:steps' } });
    expect(opened).toEqual(['dataset:steps@2']);
  });

  it('lists each rejected row with its line and the reason', async () => {
    const content = 'day,amount\n2026-01-02,1\n2026-01-03,2,3\nsum of all\n2026-01-04,"4\n2026-01-05,5\n';
    const { result, artifacts, datasets } = await pipeline.ingest('dirty', content);
    expect(result).toMatchObject({ rows_in: 5, rows_ok: 2, rows_rejected: 3, rejected: 'rejected.ndjson' });
    const lines = artifacts.get('rejected.ndjson')?.content.toString().trim().split('\n') ?? [];
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { source: 'file', line: 3, reason: '3 cells, but the header has 2' },
      { source: 'file', line: 4, reason: '1 cell, but the header has 2; read as a note, not as a row' },
      { source: 'file', line: 5, reason: 'A quoted cell is not closed, or text follows its closing quote' },
    ]);
    expect(datasets.get('dirty')).toMatchObject({
      rows: 2,
      rejected: 3,
      preview: [
        ['2026-01-02', 1],
        ['2026-01-05', 5],
      ],
    });
  });

  it('reads as its owner says', async () => {
    const { result } = await pipeline.ingest('said', 'a;b\n01;1,5\n02;2\n', { types: { a: 'VARCHAR' }, decimal: ',' });
    expect(result).toMatchObject({ columns: [{ type: 'VARCHAR' }, { type: 'DOUBLE' }], guessed: false });
  });

  it.each([
    [{}, 'invalid_payload'],
    [{ content: 'a', upload: 'a'.repeat(64) }, 'invalid_payload'],
    [{ content: '[]', format: 'json', delimiter: ';' }, 'invalid_payload'],
    [{ upload: '../../etc/passwd' }, 'invalid_payload'],
    [{ upload: 'b'.repeat(64) }, 'data_not_found'],
    [{ dataset: 'dataset:nothing' }, 'data_not_found'],
    [{ content: '   ' }, 'source_unreadable'],
    [{ content: 'PAR1 or not', format: 'parquet' }, 'source_unreadable'],
    [{ content: '{"a":', format: 'json' }, 'source_unreadable'],
  ])('refuses %j with %s', async (source, code) => {
    await expect(pipeline.run({ operation: 'ingest', dataset: 'refused', source })).rejects.toMatchObject({ code });
  });

  it.each(['', 'A', '../x', 'a/b', 'ä', '-a'])('takes no dataset with the name %j', async (dataset) => {
    await expect(pipeline.ingest(dataset, 'a\n1\n')).rejects.toMatchObject({ code: 'invalid_payload' });
  });

  it('leaves no file behind', async () => {
    // Specs of other processes have folders there, too.
    const own = (): string[] => readdirSync(tmpdir()).filter((name) => name.includes(`-${process.pid}-`));
    const before = own();
    await pipeline.ingest('clean', 'a\n1\n');
    await pipeline.ingest('clean', '').catch(() => undefined);
    await eventually(() => {
      expect(own().filter((name) => !before.includes(name))).toEqual([]);
    });
  });
});

describe('ingest of odd files', () => {
  it('keeps a small file of very many lines', async () => {
    const lines = 1_900_000;
    const result = await ingested('many', { content: `a,b\n${'0,0\n'.repeat(lines)}` });
    expect(result).toMatchObject({ rows_in: lines, rows_ok: lines, rows_rejected: 0 });
  });
});

describe('ingest of a URL', () => {
  const csv = publicFile('airports.csv');
  const server = createServer(({ url }, answer) => {
    if (url === '/airports.csv') answer.end(csv);
    else answer.writeHead(url === '/busy' ? 503 : 404).end();
  });
  let origin = '';

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => server.close());

  const refusal = (path: string): Promise<unknown> =>
    pipeline.run({ operation: 'ingest', dataset: 'web', source: { url: origin + path } });

  it('is refused where the operator has not opened a private address', async () => {
    await expect(refusal('/airports.csv')).rejects.toMatchObject({
      code: 'source_unreachable',
      permanent: true,
      facts: { details: { origin } },
    });
  });

  it('keeps the file that is there, whose name tells its format', async () => {
    pipeline.reachable.push(origin);
    const records: unknown[] = parse(csv, { columns: true, bom: true });
    expect(await ingested('web', { url: `${origin}/airports.csv` })).toMatchObject({ rows_in: records.length });
  });

  it('fails for good where there is none, and is tried again where the server is busy', async () => {
    await expect(refusal('/other.csv')).rejects.toMatchObject({ code: 'source_unreachable', permanent: true });
    await expect(refusal('/busy')).rejects.toMatchObject({ code: 'source_unreachable', permanent: false });
  });
});
