import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { answer } from '../src/inside/answer.js';
import type { Answer, WorkDone } from '../src/inside/job/job.js';
import type { StagedSource } from '../src/sources/sources.js';
import { cell, workbookOf } from './workbook.js';
import { type ZipEntry, zipOf } from './zip.js';

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulser-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ask = async (content: string | Uint8Array, facts: Partial<StagedSource> = {}): Promise<Answer> => {
  const path = join(folder, String((count += 1)));
  await writeFile(path, content);
  return answer({ sources: [{ name: 'file', path, ...facts }], sql: 'FROM file', keepRows: 100, chart: undefined });
};

const rowsOf = async (content: string | Uint8Array, facts: Partial<StagedSource> = {}): Promise<unknown> => {
  const result = await ask(content, facts);
  return result.kind === 'rows' ? result.rows.rows : result;
};

const reasonOf = async (content: string | Uint8Array, facts: Partial<StagedSource> = {}): Promise<unknown> => {
  const result = await ask(content, facts);
  return result.kind === 'refused' && result.failure.code === 'source_unreadable'
    ? result.failure.details['reason']
    : result;
};

const csv = 'id,day\n1,2026-01-02\n2,2026-01-03\n';
const rows = [
  [1, '2026-01-02'],
  [2, '2026-01-03'],
];

describe('the format of a file', () => {
  it.each([
    ['CSV', csv, {}],
    ['CSV in UTF-16', Buffer.from(`\ufeff${csv}`, 'utf16le'), {}],
    ['JSON', '[{"id":1,"day":"2026-01-02"},{"id":2,"day":"2026-01-03"}]', {}],
    ['NDJSON', '{"id":1,"day":"2026-01-02"}\n{"id":2,"day":"2026-01-03"}\n', {}],
    ['gzip', gzipSync(csv), {}],
    ['a zip with one file', zipOf([{ name: 'a.csv', content: csv }]), {}],
    [
      'a zip of a Mac',
      zipOf([
        { name: 'a.csv', content: csv },
        { name: '__MACOSX/._a.csv', content: 'x' },
        { name: '.DS_Store', content: 'x' },
      ]),
      {},
    ],
    [
      'a named entry of a zip',
      zipOf([
        { name: 'x/a.csv', content: 'no' },
        { name: 'x/b.csv', content: csv },
      ]),
      { entry: 'x/b.csv' },
    ],
    [
      'an entry whose name tells it',
      zipOf([{ name: 'a.ndjson', content: '{"id":1,"day":"2026-01-02"}\n{"id":2,"day":"2026-01-03"}' }]),
      {},
    ],
  ] as const)('is found: %s', async (_case, content, facts) => {
    expect(await rowsOf(content, facts)).toEqual(rows);
  });

  it('is found by the name when one line of NDJSON could be JSON, too', async () => {
    expect(await rowsOf('{"id":1}', { fileName: 'a.jsonl' })).toEqual([[1]]);
  });

  it('is what the owner says', async () => {
    expect(await rowsOf('[1,2\n3,4\n', { format: 'csv' })).toEqual([[3, 4]]);
  });
});

describe('an archive', () => {
  const entries: ZipEntry[] = [
    { name: 'a.csv', content: csv },
    { name: '../../etc/b.csv', content: csv },
  ];

  it('with several files names them and asks for one', async () => {
    const two = [entries[0], { name: 'b.csv', content: csv }] as ZipEntry[];
    expect(await reasonOf(zipOf(two))).toBe("The zip holds 2 files: name one as entry, of 'a.csv', 'b.csv'");
    expect(await reasonOf(zipOf(two), { entry: 'c.csv' })).toBe(
      "The zip has no entry 'c.csv': it holds 'a.csv', 'b.csv'",
    );
  });

  it('whose names lead out of its folder is refused, and nothing is written there', async () => {
    expect(await reasonOf(zipOf(entries))).toMatch(/^The zip is broken: invalid relative path/);
    expect((await readdir(folder)).filter((name) => name.includes('csv'))).toEqual([]);
  });

  it.each([
    [
      'an encrypted entry',
      zipOf([{ name: 'a.csv', content: csv, encrypted: true }]),
      'The entry of the zip is encrypted',
    ],
    ['a lie about its size', zipOf([{ name: 'a.csv', content: csv, saidBytes: 5 }]), 'broken'],
    ['a cut', zipOf([{ name: 'a.csv', content: csv }]).subarray(0, 60), 'The zip is broken'],
    ['nothing in it', zipOf([]), 'The zip holds no file'],
    [
      'too many entries',
      zipOf(Array.from({ length: 1_001 }, (_, at) => ({ name: `${at}`, content: '' }))),
      'more than 1000 entries',
    ],
    ['a cut of gzip', gzipSync(csv).subarray(0, 30), 'The gzip data is broken'],
    ['a flipped bit of gzip', flipped(gzipSync(csv), 20), 'The gzip data is broken'],
  ])('with %s is refused', async (_case, content, reason) => {
    expect(await reasonOf(content)).toContain(reason);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(64 * 1_048_576, 'a'), { level: 9 })],
    ['zip', zipOf([{ name: 'a.csv', content: Buffer.alloc(64 * 1_048_576, 'a') }])],
    ['a workbook', workbookOf([{ name: 'a', rows: [[cell.text('a'.repeat(32 * 1_048_576))]] }])],
  ])('that is a bomb is refused: %s', async (_case, content) => {
    expect(await reasonOf(content)).toMatch(/unpacks to more than 250 times its size/);
  });

  it('is unpacked up to the bound of its job', async () => {
    const path = join(folder, 'large.gz');
    await writeFile(path, gzipSync(csv.repeat(100)));
    const result = await answer({
      sources: [{ name: 'file', path }],
      statements: [{ sql: 'FROM file', keepRows: 1 }],
      bounds: { memoryBytes: 5e8, bufferBytes: 3e8, unpackedBytes: 1_000 },
    });
    expect(result).toMatchObject({
      failure: { details: { reason: 'Unpacked it is larger than 0 MiB, which is the limit' } },
    });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 255;
  return copy;
}

describe('a workbook', () => {
  const first = {
    name: 'Orders',
    rows: [
      [cell.shared(0), cell.text('day'), cell.text('at'), cell.text('price'), cell.text('paid'), cell.text('code')],
      [cell.number(1), cell.date(46024), cell.date(46024.5), cell.number('0.1'), cell.boolean(true), cell.text('007')],
      [],
      [cell.number(2), cell.date(46025), cell.date(46025), cell.formula('D2*2', 0.2), cell.boolean(false), cell.none],
    ],
  };
  const second = {
    name: 'Notes &amp; more',
    rows: [[cell.text('note'), cell.none], [cell.text('a'), cell.number(1)], [cell.error('#N/A')]],
  };
  const workbook = workbookOf([first, second], ['id']);

  it('keeps the types of its cells: numbers, days, moments, truth values, and texts that look like numbers', async () => {
    expect(await ask(workbook)).toMatchObject({
      rows: {
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'day', type: 'DATE' },
          { name: 'at', type: 'TIMESTAMP' },
          { name: 'price', type: 'DOUBLE' },
          { name: 'paid', type: 'BOOLEAN' },
          { name: 'code', type: 'VARCHAR' },
        ],
        rows: [
          [1, '2026-01-02', '2026-01-02T12:00:00', 0.1, true, '007'],
          [2, '2026-01-03', '2026-01-03T00:00:00', 0.2, false, null],
        ],
        sources: [{ format: 'xlsx', rows: 2, rows_refused: 0, guesses: [], warnings: [] }],
      },
    });
  });

  it('is read by the sheet that is named, with a column for each cell', async () => {
    expect(await ask(workbook, { sheet: 'Notes & more' })).toMatchObject({
      rows: {
        columns: [{ name: 'note' }, { name: 'column1' }],
        rows: [
          ['a', 1],
          ['#N/A', null],
        ],
        sources: [{ warnings: [{ code: 'renamed_column' }] }],
      },
    });
    expect(await reasonOf(workbook, { sheet: 'Sheet1' })).toBe(
      "There is no sheet 'Sheet1': there are 'Orders', 'Notes & more'",
    );
  });

  it('has rows with the numbers of its sheet in messages', async () => {
    const types = { price: 'BIGINT' };
    expect(await ask(workbook, { options: { types } })).toMatchObject({ failure: { details: { line: 2 } } });
  });

  it('without names in its first row gets names', async () => {
    expect(await ask(workbook, { options: { header: false, skip: 1 } })).toMatchObject({
      rows: { columns: [{ name: 'column0' }, {}, {}, {}, {}, {}], rowCount: 2 },
    });
  });

  it.each([
    ['no sheet', workbookOf([]), 'The workbook'],
    ['an empty sheet', workbookOf([{ name: 'a', rows: [] }]), 'The sheet is empty'],
    ['a header only', workbookOf([{ name: 'a', rows: [[cell.text('a')]] }]), 'The sheet has a header and no rows'],
    [
      'broken XML',
      zipOf([
        { name: '[Content_Types].xml', content: '<a' },
        { name: 'xl/workbook.xml', content: '<b' },
      ]),
      'The workbook',
    ],
  ])('with %s is refused', async (_case, content, reason) => {
    expect(await reasonOf(content)).toContain(reason);
  });
});

describe('refused rows', () => {
  it('are written to a file, all of them, with source, line and reason', async () => {
    const lines = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? `${at},x` : `${at},x,y,z`));
    const path = join(folder, 'dirty');
    await writeFile(path, `n,t\n${lines.join('\n')}\n`);
    const refusedInto = join(folder, 'refused.ndjson');
    const result = await answer({
      sources: [{ name: 'file', path }],
      statements: [{ sql: 'FROM file', keepRows: 0 }],
      refusedInto,
    });
    const { sources } = (result as { done: WorkDone }).done;
    expect(sources).toMatchObject([{ rows: 25, rows_refused: 25 }]);
    const refused = (await readFile(refusedInto, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(refused).toHaveLength(25);
    expect(refused[24]).toEqual({ source: 'file', line: 51, reason: '4 cells, but the header has 2' });
  });
});
