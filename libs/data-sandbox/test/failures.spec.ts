import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { answer } from '../src/inside/answer.js';
import type { Answer } from '../src/inside/job/job.js';
import { withStagedSources, type Source } from '../src/sources/sources.js';

const ask = (sql: string, sources: readonly Source[] = []): Promise<Answer> =>
  withStagedSources(sources, (staged) => answer({ sources: staged, sql, keepRows: 10, chart: undefined }));

const csv = (content: string): Source[] => [{ name: 'sales', format: 'csv', content }];
const json = (content: string): Source[] => [{ name: 'sales', format: 'json', content }];
const ndjson = (content: string): Source[] => [{ name: 'sales', format: 'ndjson', content }];

describe('wrong SQL', () => {
  it('is answered in the words of DuckDB, with the place', async () => {
    expect(await ask('SELECT 1,\n  nope\nFROM range(3)')).toMatchObject({
      failure: {
        code: 'query_failed',
        message: expect.stringMatching(/^Binder Error: Referenced column "nope" not found/) as string,
        details: { position: 12, line: 2, excerpt: 'nope' },
      },
    });
  });

  it('has its place in characters, whatever bytes stand before it', async () => {
    const sql = "SELECT '日本 😀', nope FROM range(3)";
    expect(await ask(sql)).toMatchObject({ failure: { details: { position: sql.indexOf('nope'), line: 1 } } });
  });

  it('is answered without a place where DuckDB names none', async () => {
    const details = {};
    expect(await ask("SELECT error('no')")).toMatchObject({
      failure: { message: 'Invalid Input Error: no', details },
    });
    expect(await ask('SELECT ?')).toMatchObject({ failure: { code: 'query_failed', details } });
  });

  it.each([
    ['SELECT ?', 'The SQL has parameters, such as ? or $1'],
    ['SELECT $1 + $2', 'The SQL has parameters, such as ? or $1'],
    ['SELECT $name', 'The SQL has parameters, such as ? or $1'],
    ['INSTALL httpfs', 'INSTALL and LOAD cannot be used'],
    ['LOAD httpfs', 'INSTALL and LOAD cannot be used'],
    ['UPDATE EXTENSIONS', 'Write a statement that returns rows'],
    ["ATTACH 'x.db'", 'ATTACH cannot be used'],
    ['SET threads = 4', 'SET and RESET cannot be used'],
    ['RESET threads', 'SET and RESET cannot be used'],
    ['CREATE TABLE t (a INT)', 'Write a statement that returns rows, such as SELECT: this one is CREATE'],
    ['-- nothing', 'The SQL holds no statement'],
  ])('is answered in words of its own: %s', async (sql, words) => {
    expect(await ask(sql)).toMatchObject({
      failure: { code: 'query_failed', message: expect.stringContaining(words) as string },
    });
  });

  it.each([
    ['SELECT (SELECT range FROM range(2))', 'More than one row'],
    [`SELECT 1${'+1'.repeat(1_500)}`, 'depth'],
    ['SELECT st_point(1, 2)', 'st_point'],
    ["SELECT * FROM 'https://example.com/a.csv'", ''],
    ["FROM read_csv('a.csv', encoding = 'klingon')", ''],
  ])('comes without advice on options that nobody can set: %.60s', async (sql, words) => {
    const refused = await ask(sql);
    if (refused.kind !== 'refused') throw new Error(refused.kind);
    expect(refused.failure.message).toContain(words);
    expect(refused.failure.message).not.toMatch(
      /\bSET [a-z]|INSTALL|LOAD |[Tt]ry setting|sample_size|ignore_errors|autoinstall/,
    );
  });

  it('is bounded, with how much is missing', async () => {
    const refused = await ask("SELECT repeat('1x', 10000000)::INT");
    if (refused.kind !== 'refused') throw new Error(refused.kind);
    expect(refused.failure.message).toMatch(/^Conversion Error: .*\.\.\. \([\d,]{10} more characters\)$/s);
    expect(JSON.stringify(refused).length).toBeLessThan(5_000);
  });

  it.each([58, 59, 60, 61, 99, 100, 121])('has an excerpt of whole characters, after %d emoji', async (count) => {
    for (const before of ['', 'a']) {
      const refused = await ask(`SELECT '${before}${'😀'.repeat(count)}', nope FROM range(3)`);
      if (refused.kind !== 'refused') throw new Error(refused.kind);
      expect(JSON.stringify(refused.failure)).not.toMatch(/\\ud[89a-f]/);
      expect(refused.failure.details['excerpt']).toContain('nope');
    }
  });

  it('may fail while rows are read', async () => {
    const sql = "SELECT CASE WHEN range = 5000 THEN error('late') ELSE 1 END FROM range(10000)";
    expect(await ask(sql)).toMatchObject({ failure: { code: 'query_failed', message: 'Invalid Input Error: late' } });
  });
});

describe('a source that cannot be read', () => {
  it.each([
    ['short lines only', csv('day,amount,to\n1,2\n3,4\n'), 'Line 2: 2 cells, but the header has 3'],
    ['a long line', csv('day,amount\n1,2,3\n'), 'Line 2: 3 cells, but the header has 2'],
    ['an open quote', csv('day,amount\n1,"2\n'), 'Line 2: A quoted cell is not closed'],
    ['prose', csv('This is just some prose, without any\nstructure'), 'Line 2: 1 cell, but the header has 2'],
    ['JSON cut short', json('[{"a":1}'), 'Malformed JSON: '],
    ['no JSON', json('hello'), 'Malformed JSON: '],
    ['one bad line', ndjson('{"a":1}\nhello\n'), 'Line 2: Malformed JSON: '],
  ])('is named with the reason: %s', async (_case, sources, reason) => {
    const refused = await ask('FROM sales', sources);
    expect(refused).toMatchObject({
      kind: 'refused',
      failure: {
        code: 'source_unreadable',
        message: expect.stringContaining('The source sales cannot be read: ') as string,
        details: { source: 'sales', reason: expect.stringContaining(reason) as string },
      },
    });
    expect(JSON.stringify(refused)).not.toContain(tmpdir());
    expect(JSON.stringify(refused)).not.toContain('Possible fixes');
  });
});

describe('a source', () => {
  it.each([
    ['commas', csv('day,amount\n2026-01-02,1.5\n')],
    ['semicolons', csv('day;amount\n2026-01-02;1.5\n')],
    ['tabs', csv('day\tamount\n2026-01-02\t1.5\n')],
    ['bars', csv('day|amount\r\n2026-01-02|1.5\r\n')],
    ['a byte order mark', csv('\ufeffday,amount\n2026-01-02,1.5\n')],
    ['an array', json('[{"day":"2026-01-02","amount":1.5}]')],
    ['one object', json('{"day":"2026-01-02","amount":1.5}')],
    ['a line', ndjson('{"day":"2026-01-02","amount":1.5}')],
  ])('is read with %s, and its types are detected', async (_case, sources) => {
    expect(await ask('SELECT day + 1 AS tomorrow, amount * 2 FROM sales', sources)).toMatchObject({
      rows: { rows: [[expect.stringMatching(/^2026-01-03/) as string, 3]] },
    });
  });

  it('takes empty fields for nulls and quoted text literally', async () => {
    const sources = csv('name,note\n"Smith, ""Jo""",\n#1,"two\nlines"\n');
    expect(await ask('FROM sales', sources)).toMatchObject({
      rows: {
        rows: [
          ['Smith, "Jo"', null],
          ['#1', 'two\nlines'],
        ],
      },
    });
  });

  it('leaves no file behind, read or not', async () => {
    const before = process.env['TMPDIR'];
    const directory = await mkdtemp(`${tmpdir()}/pulser-left-`);
    process.env['TMPDIR'] = directory;
    try {
      await ask('FROM sales', csv('a\n1'));
      await ask('FROM sales', json('nope'));
      expect(await readdir(directory)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      await rm(directory, { recursive: true });
    }
  });
});
