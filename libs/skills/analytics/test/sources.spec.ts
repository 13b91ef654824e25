import { runOperation } from '@pulser/agent-runtime/testing';

import { analytics, QueryResult } from '../src/index.js';
import { QueryInput } from '../src/query/query-contract.js';

type Fields = Record<string, unknown>;

const ask = async (sql: string, source: Fields): Promise<QueryResult> => {
  const sources = [{ name: 'file', format: 'csv', ...source }];
  return QueryResult.parse((await runOperation(analytics, { operation: 'query', sources, sql })).result);
};

const csv = (sql: string, content: string): Promise<QueryResult> => ask(sql, { content });

describe('a query on a file from the wild', () => {
  it.each([
    ["Excel's first line", 'sep=;\r\na;b\r\n1,5;2\r\n', 'SELECT a + b FROM file', [[3.5]]],
    ['a preamble', 'Report\n\nday,n\n2026-01-02,3\n', 'SELECT day + n::INT FROM file', [['2026-01-05']]],
    ['mixed line ends', 'a,b\n1,2\r\n3,4\r5,6\n', 'SELECT sum(a), sum(b) FROM file', [[9, 12]]],
    [
      'a day of February in a file of months',
      'd,v\n02/1/1980,1\n13/1/1980,2\n',
      'SELECT min(d) FROM file',
      [['1980-01-02']],
    ],
    ['months in an unknown order', 'd,v\n02/1/1980,1\n03/1/1980,2\n', 'SELECT min(d) FROM file', [['02/1/1980']]],
    [
      'ids of 20 digits',
      'id\n10000000000000000001\n10000000000000000002\n10000000000000000003\n',
      'SELECT count(DISTINCT id), min(id) FROM file',
      [[3, '10000000000000000001']],
    ],
    [
      'part numbers and codes',
      'p,c\n10-11-12,1E5\n10-11-13,2E5\n',
      'FROM file',
      [
        ['10-11-12', '1E5'],
        ['10-11-13', '2E5'],
      ],
    ],
    [
      'exact decimals',
      'a,b\n0.1234567890123456789,-1\n-1.5,2\n',
      'SELECT a FROM file',
      [['0.1234567890123456789'], ['-1.5000000000000000000']],
    ],
    [
      'every kind of time',
      'd,t,s,z,n\n2024-02-29,12:30:01.5,2024-02-29 12:30:01.25,2024-02-29T12:30:01+02:00,2024-02-29 12:30:01.123456789\n',
      'FROM file',
      [['2024-02-29', '12:30:01.5', '2024-02-29T12:30:01.25', '2024-02-29T10:30:01Z', '2024-02-29T12:30:01.123456789']],
    ],
    [
      'truth values and nothing',
      'a,b\ntrue,\n,x\n',
      'FROM file',
      [
        [true, null],
        [null, 'x'],
      ],
    ],
    [
      'more rows than a vector holds',
      `a,b\n${Array.from({ length: 5_000 }, (_, n) => `${n},x${n}`).join('\n')}\n`,
      'SELECT count(*), sum(a), count(DISTINCT b), max(b) FILTER (a = 4999) FROM file',
      [[5_000, 12_497_500, 5_000, 'x4999']],
    ],
    ['names that SQL must quote', 'a "b",Ä,ä\n1,2,3\n', 'SELECT "a ""b""" + "Ä" + "ä" FROM file', [[6]]],
  ])('gives the right answer: %s', async (_case, content, sql, rows) => {
    expect((await csv(sql, content)).rows).toEqual(rows);
  });

  it('reads 4,000 columns', async () => {
    const line = (make: (n: number) => string): string => Array.from({ length: 4_000 }, (_, n) => make(n)).join();
    const content = [line((n) => `c${n}`), ...Array.from({ length: 20 }, (_, row) => line((n) => `x${row}_${n}`))].join(
      '\n',
    );
    const narrow = await csv('SELECT count(*), max(c3999), min(c0) FROM file', content);
    expect(narrow.rows).toEqual([[20, 'x9_3999', 'x0_0']]);
    expect(narrow.sources[0]?.columns).toHaveLength(4_000);
    const all = await csv('FROM file', content);
    expect(all.rows[19]?.[3_999]).toBe('x19_3999');
  });

  it.each([
    ['utf-16le', Buffer.from('a;b\nü;2\n', 'utf16le')],
    ['utf-16be', Buffer.from('\ufeffa;b\nü;2\n', 'utf16le').swap16()],
    ['windows-1252', Buffer.from('a;b\nü;2\n', 'latin1')],
  ])('reads bytes in %s', async (encoding, bytes) => {
    const result = await ask('FROM file', { content_base64: bytes.toString('base64') });
    expect(result).toMatchObject({ rows: [['ü', 2]], sources: [{ encoding }] });
    expect(result.guessed).toBe(encoding !== 'utf-16be');
  });

  it('reads JSON as it is, however full', async () => {
    const sparse = Array.from({ length: 250 }, (_, n) => ({ [`k${n}`]: n }));
    const wide = await ask('SELECT count(*), sum(k249) FROM file', { format: 'json', content: JSON.stringify(sparse) });
    expect(wide).toMatchObject({ rows: [[250, 249]], guessed: false });
    const lines = '{"id":9007199254740993,"x":1,"X":{"y":[0.1234567890123456789]}}\n{"id":0.5}\n';
    const odd = await ask('SELECT id, x, "X_1", "X_1" IS NULL FROM file', { format: 'ndjson', content: lines });
    expect(odd.rows[0]).toEqual(['9007199254740993.0', 1, { y: ['0.1234567890123456789'] }, false]);
    expect(odd.sources[0]?.warnings.map(({ code }) => code)).toEqual(['renamed_column', 'long_numbers']);
    const empty = await ask('SELECT count(*) FROM file', { format: 'json', content: '[]' });
    expect(empty.rows).toEqual([[0]]);
  });
});

describe('the report on a source', () => {
  it('says what was read, left out and decided', async () => {
    const content = 'Report\n\nday;amount;code\n2026-01-02;1,5;007\n2026-01-03;2;1;2;3\n2026-01-04;3;008\n';
    const { sources, guessed } = await csv('FROM file', content);
    expect(guessed).toBe(true);
    expect(sources).toEqual([
      {
        name: 'file',
        format: 'csv',
        encoding: 'utf-8',
        dialect: { delimiter: ';', quote: '"', header: true, skip: 2, comment: null, decimal: ',' },
        columns: [
          { name: 'day', type: 'DATE', decided_by: 'values' },
          { name: 'amount', type: 'DOUBLE', decided_by: 'values' },
          { name: 'code', type: 'VARCHAR', decided_by: 'kept_as_text' },
        ],
        rows: 2,
        rows_refused: 1,
        refused: [{ line: 5, reason: '5 cells, but the header has 3' }],
        guesses: [expect.stringContaining('decimal') as string],
        warnings: [
          { code: 'rows_refused', message: expect.any(String) as string },
          { code: 'lines_skipped', message: expect.any(String) as string },
          { code: 'kept_as_text', column: 'code', message: expect.any(String) as string },
        ],
      },
    ]);
  });

  it('is there for each source, and says so when one was guessed', async () => {
    const bytes = Buffer.from('a\n\xfc\n', 'latin1').toString('base64');
    const sources = [
      { name: 'one', format: 'csv', content: 'a\n1\n' },
      { name: 'two', format: 'csv', content_base64: bytes },
    ];
    const { result } = await runOperation(analytics, { operation: 'query', sources, sql: 'SELECT 1' });
    expect(result).toMatchObject({ guessed: true, sources: [{ name: 'one', guesses: [] }, { name: 'two' }] });
  });

  it('lists the rows with values that do not fit the types asked for', async () => {
    const types = { n: 'INTEGER' };
    const result = await ask('FROM file', { content: 'n,x\n007,a\nmany,b\n', types });
    expect(result).toMatchObject({
      columns: [{ name: 'n', type: 'INTEGER' }, {}],
      rows: [[7, 'a']],
      sources: [{ rows: 1, rows_refused: 1, refused: [{ line: 3 }], columns: [{ decided_by: 'option' }, {}] }],
    });
  });

  it.each([
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'HUGEINT',
    'UTINYINT',
    'USMALLINT',
    'UINTEGER',
    'UBIGINT',
    'UHUGEINT',
    'FLOAT',
    'DOUBLE',
    'DECIMAL(9,2)',
    'DECIMAL(38,2)',
    'VARCHAR',
    'JSON',
  ])('has the type asked for: %s', async (type) => {
    const result = await ask('SELECT v, v::VARCHAR FROM file', { content: 'v\n5\n', types: { v: type } });
    expect(result.columns[0]?.type).toBe(type);
    expect(Number(result.rows[0]?.[0])).toBe(5);
  });
});

describe('the fields of a source', () => {
  const problems = (source: Fields): string[] => {
    const sources = [{ name: 'file', format: 'csv', ...source }];
    const parsed = QueryInput.safeParse({ operation: 'query', sources, sql: 'SELECT 1' });
    return parsed.error?.issues.map(({ message }) => message) ?? [];
  };

  it('name the data once, and options that the format has', () => {
    expect(problems({})).toEqual(['Give either content or content_base64']);
    expect(problems({ content: 'a', content_base64: 'YQ==' })).toEqual(['Give either content or content_base64']);
    expect(problems({ content: 'a', encoding: 'latin1' })).toEqual([expect.stringContaining('content_base64')]);
    expect(problems({ format: 'json', content: '[]', delimiter: ';' })).toEqual([
      'delimiter is an option of csv, and this source is json',
    ]);
    expect(problems({ format: 'ndjson', content: '{}', types: { a: 'BIGINT' } })).toEqual([]);
  });

  it('have values that can be used', () => {
    expect(problems({ content: 'a', types: { a: 'ENUM' } })).toHaveLength(1);
    expect(problems({ content: 'a', date_format: '%Q' })).toHaveLength(1);
    expect(problems({ content_base64: 'YQ==', encoding: 'utf-99' })).toHaveLength(1);
    expect(problems({ content_base64: '$' })).toHaveLength(1);
    expect(problems({ content: 'a', sniff: true })).toHaveLength(1);
    expect(problems({ content: 'a', quote: '""' })).toHaveLength(1);
  });
});
