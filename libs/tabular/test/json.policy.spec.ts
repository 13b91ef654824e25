import { namesOf, reading, reasonFor, rowsOf, typesOf, warningsOf } from './reading.js';

const json = (text: string): ReturnType<typeof reading> => reading(text, {}, 'json');
const ndjson = (text: string): ReturnType<typeof reading> => reading(text, {}, 'ndjson');

describe('the shape of JSON', () => {
  it('is one column for each key, in order of first appearance, however full it is', () => {
    expect(namesOf(json('[{"b":1},{"a":2},{"2":3},{"1":4}]'))).toEqual(['b', 'a', '2', '1']);
    const many = Array.from({ length: 300 }, (_, n) => `{"k${n}":${n}}`);
    expect(json(`[${many.join()}]`).columns).toHaveLength(300);
    expect(ndjson(many.join('\n')).report).toMatchObject({ rows: 300, warnings: [] });
  });

  it.each([
    ['an array with a byte order mark', json('\ufeff[{"a":1},{"a":2}]')],
    ['lines', ndjson('{"a":1}\r\n\r\n{"a":2}\r\n')],
    ['lines that are called json', json('{"a":1}\n{"a":2}\n')],
    ['a spread out array', json('[\n  { "a" : 1 },\n  { "a" : 2 }\n]')],
  ])('is the same in %s', (_case, table) => {
    expect([namesOf(table), rowsOf(table)]).toEqual([['a'], [[1], [2]]]);
  });

  it('has a column even without keys', () => {
    expect(json('[]').report).toMatchObject({
      rows: 0,
      columns: [{ name: 'json' }],
      warnings: [{ code: 'no_columns' }],
    });
    expect(rowsOf(json('[{},{}]'))).toEqual([[null], [null]]);
    expect(rowsOf(json('[1,null,3]'))).toEqual([[1], [null], [3]]);
  });

  it('tells keys apart that differ in case only', () => {
    const table = json('[{"id":1,"ID":"x"},{"Id":true}]');
    expect(namesOf(table)).toEqual(['id', 'ID_1', 'Id_2']);
    expect(rowsOf(table)).toEqual([[1, 'x', null], [null, null, true]]); // prettier-ignore
    expect(warningsOf(table)).toEqual(['renamed_column', 'renamed_column']);
  });

  it('keeps hostile keys as keys', () => {
    expect(namesOf(json('[{"__proto__":1,"constructor":2,"":3}]'))).toEqual(['__proto__', 'constructor', 'column2']);
  });
});

describe('values of JSON', () => {
  it('keep an empty text apart from null, also among dates', () => {
    const table = json('[{"a":""},{"a":"2024-01-01"},{"a":null}]');
    expect([typesOf(table), rowsOf(table)]).toEqual([['VARCHAR'], [[''], ['2024-01-01'], [null]]]);
    expect(warningsOf(table)).not.toEqual([]);
  });

  it.each([
    ['BIGINT', '9007199254740993', 9_007_199_254_740_993n],
    ['HUGEINT', '18446744073709551616', 18_446_744_073_709_551_616n],
    ['DOUBLE', '1E5', 100_000],
    ['DECIMAL(19,19)', '0.1234567890123456789', 1_234_567_890_123_456_789n],
    ['VARCHAR', '1e400', '1e400'],
    ['VARCHAR', '"01234"', '01234'],
    ['VARCHAR', '"12"', '12'],
    ['DATE', '"2026-01-02"', 20_455],
    ['VARCHAR', '"02/01/1980"', '02/01/1980'],
    ['BOOLEAN', 'false', false],
    ['JSON', '{"x": 1.10, "y": [12345678901234567890]}', '{"x": 1.10, "y": [12345678901234567890]}'],
    ['JSON', '[]', '[]'],
    ['VARCHAR', 'null', null],
    ['VARCHAR', '"\\ud83d\\ude00\\u0000"', '😀\u0000'],
  ])('are %s without loss: %s', (type, source, value) => {
    const table = json(`[{"v":${source}}]`);
    expect([typesOf(table), table.columns[0]?.values]).toEqual([[type], [value]]);
  });

  it('beside fractions are not rounded', () => {
    const [column] = ndjson('{"v":9007199254740993}\n{"v":0.5}\n').columns;
    expect(column).toMatchObject({ type: 'DECIMAL(17,1)', values: [90_071_992_547_409_930n, 5n] });
  });

  it('of several kinds are JSON, with a warning', () => {
    const table = json('[{"v":1},{"v":"x"},{}]');
    expect(table.columns[0]).toMatchObject({ type: 'JSON', values: ['1', '"x"', null] });
    expect(warningsOf(table)).toEqual(['mixed_types']);
  });

  it('take the types that the owner gives', () => {
    const table = reading('[{"v":"7"},{"v":8},{"v":"x"}]', { types: { v: 'BIGINT' } }, 'json');
    expect(rowsOf(table)).toEqual([[7], [8]]);
    expect(table.report.refused).toEqual([{ line: 3, reason: "'x' in the column v is no BIGINT" }]);
  });
});

describe('what is no row of JSON', () => {
  it.each([
    ['no object', '[{"a":1},2]'],
    ['a key twice', '[{"a":1},{"a":2,"a":3}]'],
    ['a key twice inside of a value', '[{"a":1},{"a":[1,{"x":1,"y":{},"\\u0078":2}]}]'],
    ['half of a surrogate pair', '[{"a":1},{"a":"\\udc00"}]'],
    ['depth', `[{"a":1},{"b":${'['.repeat(2_000)}${']'.repeat(2_000)}}]`],
  ])('is refused with its number: %s', (_case, text) => {
    expect(json(text).report).toMatchObject({ rows: 1, rows_refused: 1, refused: [{ line: 2 }] });
  });

  it('is not a key that stands in two objects', () => {
    expect(json('[{"a":{"x":"x","y":["x",{"x":1},{"x":2}]}}]').report).toMatchObject({ rows: 1, rows_refused: 0 });
  });

  it.each([
    ['[{"a":"x\\u0000y"}]', ['invalid_characters']],
    ['[{"a\\u0000":1}]', ['invalid_characters', 'renamed_column']],
    ['[{"a":"x\\\\\\u0000"}]', ['invalid_characters']],
    ['[{"a":"x\\\\u0000y"}]', []],
  ])('is not a NUL character, which gets a warning: %s', (text, warnings) => {
    expect(warningsOf(json(text))).toEqual(warnings);
  });

  it('makes the file unreadable when it is no JSON', () => {
    expect(reasonFor('[{"a":1}', {}, 'json')).toMatch(/^Malformed JSON: /);
    expect(reasonFor('{"a":1}\nhello\n', {}, 'ndjson')).toMatch(/^Line 2: Malformed JSON: /);
  });
});
