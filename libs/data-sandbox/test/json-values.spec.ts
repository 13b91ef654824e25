import { answer } from '../src/inside/answer.js';

const maxRows = 10_000;

const valueOf = async (sql: string): Promise<unknown> => {
  const result = await answer({ sources: [], sql: `SELECT ${sql}`, keepRows: 1, chart: undefined });
  if (result.kind !== 'rows') throw new Error(JSON.stringify(result));
  return result.rows.rows[0]?.[0];
};

describe('a value as JSON', () => {
  it.each([
    ['true', true],
    ['NULL', null],
    ['(-128)::TINYINT', -128],
    ['4294967295::UINTEGER', 4_294_967_295],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740993', '-9007199254740993'],
    ['18446744073709551615::UBIGINT', '18446744073709551615'],
    ['42::HUGEINT', 42],
    ['170141183460469231731687303715884105727::HUGEINT', '170141183460469231731687303715884105727'],
    ['sum(n) FROM (VALUES (1), (2)) t(n)', 3],
    ['1.50', '1.50'],
    ['-0.10::DECIMAL(38, 2)', '-0.10'],
    ['0.5::FLOAT', 0.5],
    ["'NaN'::DOUBLE", 'NaN'],
    ["'-Infinity'::FLOAT", '-Infinity'],
    ["[1.5::DOUBLE, 'Infinity'::DOUBLE]", [1.5, 'Infinity']],
    ["'text'", 'text'],
    ['chr(0)', '\ufffd'],
    ["DATE '2026-02-28'", '2026-02-28'],
    ["DATE '12026-02-28'", '+012026-02-28'],
    ["'infinity'::DATE", 'infinity'],
    ["'-infinity'::DATE", '-infinity'],
    ["TIMESTAMP '2026-02-28 12:30:00'", '2026-02-28T12:30:00'],
    ["TIMESTAMP '1969-12-31 23:59:59.25'", '1969-12-31T23:59:59.25'],
    ["'-infinity'::TIMESTAMP", '-infinity'],
    ["TIMESTAMP_S '2026-02-28 12:30:01'", '2026-02-28T12:30:01'],
    ["TIMESTAMP_MS '2026-02-28 12:30:00.125'", '2026-02-28T12:30:00.125'],
    ["TIMESTAMP_NS '2026-02-28 12:30:00.123456789'", '2026-02-28T12:30:00.123456789'],
    ["TIMESTAMPTZ '2026-02-28 12:30:00+02'", '2026-02-28T10:30:00Z'],
    ["'infinity'::TIMESTAMPTZ", 'infinity'],
    ["TIME '12:30:00.5'", '12:30:00.5'],
    ["INTERVAL '1 month 2 days 3 hours'", '1 month 2 days 03:00:00'],
    ["UUID '00000000-0000-0000-0000-00000000000a'", '00000000-0000-0000-0000-00000000000a'],
    ["'happy'::ENUM('sad', 'happy')", 'happy'],
    ["'0101'::BIT", '0101'],
    ["'\\x00\\xFF'::BLOB", 'AP8='],
    ['[1, NULL, 3]', [1, null, 3]],
    ['array_value(1, 2)', [1, 2]],
    ["{'day': DATE '2026-02-28', 'price': 1.50}", { day: '2026-02-28', price: '1.50' }],
    [
      'MAP {1: [9007199254740993], 2: NULL}',
      [
        { key: 1, value: ['9007199254740993'] },
        { key: 2, value: null },
      ],
    ],
    ["union_value(word := 'x')", { tag: 'word', value: 'x' }],
    [`'{"a": [1, 12345678901234567890, "\\u0000"]}'::JSON`, { a: [1, '12345678901234567890', '\ufffd'] }],
    [`'{"a": [0.1234567890123456789, 1e400, 0.10]}'::JSON`, { a: ['0.1234567890123456789', '1e400', 0.1] }],
    [`'{"a\\u0000": "\\\\u0000"}'::JSON`, { 'a\ufffd': '\\u0000' }],
    [`{'inner': '[1]'::JSON}`, { inner: [1] }],
    [`'[1e400, -1e400, 1e-400, 1e300]'::JSON`, ['1e400', '-1e400', '1e-400', '1e300']],
    [`'[0.1, 0.10, 1.0, 2.5e-3, 0.30000000000000004, -0.0]'::JSON`, [0.1, 0.1, 1, 0.0025, 0.30000000000000004, -0]],
    [`'[0.12345678901234567890, 1234567890.123456789]'::JSON`, ['0.12345678901234567890', '1234567890.123456789']],
    [`'[1]'`, '[1]'],
    ['42::VARIANT', 42],
    ["'POINT(1 2)'::GEOMETRY", 'AQEAAAAAAAAAAADwPwAAAAAAAABA'],
  ])('%s', async (sql, json) => {
    expect(await valueOf(sql)).toEqual(json);
  });

  it('exists for every type that DuckDB has', async () => {
    const result = await answer({ sources: [], sql: 'FROM test_all_types()', keepRows: 9, chart: undefined });
    if (result.kind !== 'rows') throw new Error(JSON.stringify(result));
    expect(JSON.parse(JSON.stringify(result.rows.rows))).toEqual(result.rows.rows);
    expect(result.rows.rows).toHaveLength(3);
  });

  it('leaves two columns of one name both in place', async () => {
    const result = await answer({ sources: [], sql: "SELECT 1 AS a, 'x' AS a", keepRows: 1, chart: undefined });
    expect(result).toMatchObject({
      rows: {
        columns: [
          { name: 'a', type: 'INTEGER' },
          { name: 'a', type: 'VARCHAR' },
        ],
        rows: [[1, 'x']],
      },
    });
  });

  it.each([
    ['ROW(1, 2)', 'fields without names'],
    ['[ROW(1, 2)]', 'fields without names'],
    ["{'a': ROW(1, 2)}", 'fields without names'],
  ])('is never one of two that would have one name: %s', async (sql, reason) => {
    const result = await answer({ sources: [], sql: `SELECT ${sql} AS pair`, keepRows: 1, chart: undefined });
    expect(result).toMatchObject({
      failure: {
        code: 'query_failed',
        message: expect.stringContaining(reason) as string,
        details: { column: 'pair' },
      },
    });
  });

  it.each([1, 3])(
    'that has no room in a result is an error, not a result without it: keeping %d rows',
    async (keepRows) => {
      const sql = "SELECT repeat('x', 5000000) AS text FROM range(3)";
      const result = await answer({ sources: [], sql, keepRows, chart: undefined });
      expect(result).toMatchObject({
        kind: 'refused',
        failure: {
          code: 'result_too_large',
          message: expect.stringContaining('The first row has 5,000,005 bytes') as string,
        },
      });
    },
  );

  it('leaves room for a thousand columns', async () => {
    const columns = Array.from({ length: 1_000 }, (_, n) => `repeat('x', 1000) AS a_rather_long_name_of_a_column_${n}`);
    const sql = `SELECT ${columns.join(', ')} FROM range(10)`;
    const result = await answer({ sources: [], sql, keepRows: maxRows, chart: undefined });
    if (result.kind !== 'rows') throw new Error(JSON.stringify(result));
    expect(result.rows.rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(result.rows).length).toBeLessThan(4 * 1_048_576);
  });

  it('is not kept beyond four megabytes of rows', async () => {
    const sql = "SELECT repeat('x', 1000000) FROM range(100)";
    const result = await answer({ sources: [], sql, keepRows: maxRows, chart: undefined });
    if (result.kind !== 'rows') throw new Error(JSON.stringify(result));
    expect(result.rows.rows).toHaveLength(4);
    expect(result.rows.rowCount).toBe(100);
  });
});
