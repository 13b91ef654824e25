import { z } from 'zod';

import { acceptedFormat, columnsOf, csvField, writerOf } from './list-export.policy.js';

const row = z.object({
  id: z.string(),
  times: z.object({ at: z.string(), ms: z.number().nullable() }),
  error: z.object({ code: z.string(), details: z.unknown() }).nullable(),
  labels: z.record(z.string(), z.string()),
  links: z.object({ self: z.string() }),
});

describe('the format that a request accepts', () => {
  it.each([
    [undefined, undefined],
    ['*/*', undefined],
    ['application/json, text/csv', undefined],
    ['text/html,application/xhtml+xml,*/*;q=0.8', undefined],
    ['constructor', undefined],
    ['text/csv', 'csv'],
    ['Text/CSV; header=present, */*;q=0.1', 'csv'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson, application/json', 'ndjson'],
  ])('of %s is %s', (accept, format) => {
    expect(acceptedFormat(accept)).toBe(format);
  });
});

describe('a field of CSV', () => {
  it.each<[unknown, string]>([
    [null, ''],
    [undefined, ''],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['a "b"', '"a ""b"""'],
    ['a\r\nb', '"a\r\nb"'],
    [' a', '" a"'],
    [-7.5, '-7.5'],
    [true, 'true'],
    [{ a: 1 }, '"{""a"":1}"'],
    [['=1'], '"[""=1""]"'],
  ])('of %j is %s', (value, field) => {
    expect(csvField(value)).toBe(field);
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    '＋1',
    '－1',
    '＠A',
    '=HYPERLINK("http://x","y")',
  ])('is never a formula: %j', (text) => {
    const field = csvField(text);
    expect(field.replace(/^"/, '').startsWith("'")).toBe(true);
    expect(field.replace(/^"/, '').replace(/"$/, '').replaceAll('""', '"').slice(1)).toBe(text);
  });
});

describe('lines of a list', () => {
  const one = { id: '=a', times: { at: 't', ms: null }, error: null, labels: { k: 'v' }, links: { self: '/' } };

  it('have a column for every member, of objects too, but for links', () => {
    expect(columnsOf(row).map(({ name }) => name)).toEqual([
      ...['id', 'times.at', 'times.ms', 'error.code', 'error.details', 'labels'],
    ]);
    const csv = writerOf('csv', row);
    expect(csv.head).toBe('id,times.at,times.ms,error.code,error.details,labels\r\n');
    expect(csv.row(one)).toBe(`'=a,t,,,,"{""k"":""v""}"\r\n`);
    expect(csv.cutOff('cursor=x')).toBe('# There are more: go on with cursor=x\r\n');
  });

  it('are the rows as they are in NDJSON', () => {
    const ndjson = writerOf('ndjson', row);
    expect(ndjson.head + ndjson.row(one)).toBe(`${JSON.stringify(one)}\n`);
    expect(ndjson.cutOff('cursor=x')).toBe('{"more":"cursor=x"}\n');
  });
});
