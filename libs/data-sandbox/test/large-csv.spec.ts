import type { ReadOptions } from '@pulser/tabular';

import { agreedOn, readOneWay as read } from './read-both-ways.js';

const bothWays = async (
  content: string | Uint8Array,
  options: ReadOptions = {},
  beginningBytes?: number,
): Promise<void> => {
  const [passes, once] = [await read(content, true, options, beginningBytes), await read(content, false, options)];
  expect(agreedOn(passes)).toEqual(agreedOn(once));
};

const lines = (...rows: readonly string[]): string => `${rows.join('\n')}\n`;
const many = (make: (at: number) => string, amount = 300): string[] =>
  Array.from({ length: amount }, (_, at) => make(at));

describe('a CSV file that is read in passes', () => {
  it.each([
    ['plain rows', lines('a,b', '1,x', '2,y')],
    ['quotes', lines('a,b', '1,"x, ""y"""', '2,"two\nlines"', '3,""', '4,')],
    ['CR LF', 'a,b\r\n1,x\r\n2,"y\r\nz"\r\n'],
    ['mixed line ends', 'a,b\n1,x\r\n2,y\r3,z\n'],
    ['no line end at the end', 'a,b\n1,x\n2,y'],
    ['semicolons and commas', lines('a;b', '1,5;x', '2,25;y')],
    ['tabs', lines('a\tb', '1\tx', '2\ty')],
    ['a byte order mark', `\ufeff${lines('a,b', '1,ä')}`],
    ['UTF-16', Buffer.from(`\ufeff${lines('a,b', '1,ä', '2,ö')}`, 'utf16le')],
    ['windows-1252', Buffer.from(lines('a,b', '1,\u00e4', '2,\u00f6'), 'latin1')],
    ['short and long rows', lines('a,b,c', '1,x', '2,y,z', '3,y,z,w', '4,y,z,,', '5')],
    ['broken quotes', lines('a,b', '1,"x', '2,y', '3,"z"w', '4,"v"', '5, "u"')],
    ['a repeated header', lines('a,b', '1,x', 'a,b', '2,y')],
    ['a repeated header without a line end', 'a,b\n1,x\n2,y\na,b'],
    ['blank lines', 'a,b\n\n1,x\n\n\n2,y\n\n'],
    ['comments', lines('# a note', 'a,b', '1,x', '# another', '2,y')],
    ['titles above', lines('My table', '', 'a,b', '1,x', '2,y')],
    ['no header', lines('1,x', '2,y', '3,z')],
    ['one column', lines('a', '1', '2', '', '3')],
    ['equal names', lines('a,A,', '1,2,3', '4,5,6')],
    ['single quotes', lines('a,b', "1,'x, y'", "2,'z'", "3,'w'")],
    ['backslashes', lines('a,b', '1,"x\\"y"', '2,"z\\"w"')],
    ['a separator line', lines('sep=;', 'a;b', '1;x')],
    ['NUL characters', lines('a,b', '1,x\0y', '2,z')],
    ['nothing but a header', lines('a,b')],
    ['nothing', ' \n'],
    ['prose', 'This is just some prose, without any\nstructure'],
  ])('is what a small one is: %s', async (_case, content) => {
    await bothWays(content);
  });

  it.each([
    ['BIGINT', many((at) => String(at)), '9007199254740993'],
    ['HUGEINT', many((at) => String(at)), '123456789012345678901234567890'],
    ['DOUBLE', many((at) => String(at)), '0.5'],
    ['DOUBLE of large whole numbers', many((at) => `${at}.5`), '9007199254740992'],
    ['DECIMAL of large whole numbers', many((at) => `${at}.5`), '9007199254740993'],
    ['DECIMAL', many((at) => `${at}.25`), '0.12345678901234567'],
    ['numbers with exponents', many((at) => `${at}.25`), '1.5e-7'],
    ['a code', many((at) => `${at}`), '1E5'],
    ['leading zeros', many((at) => `${at}`), '007'],
    ['a plus sign', many((at) => `${at}.5`), '+1'],
    ['negative zero', many((at) => `${at}`), '-0'],
    ['blanks around', many((at) => `${at}`), ' 7 '],
    ['blanks', many((at) => `${at}.5`), '   '],
    ['versions', many((at) => `1.${(at % 8) + 1}`), '1.10'],
    ['versions of more digits', many((at) => `1.${(at % 8) + 1}`), '1.100'],
    ['fixed decimals', many((at) => `${at}.10`), '1.20'],
    ['longer decimals', many((at) => `${at}.10`), '1.255'],
    ['too many digits', many((at) => `${at}`), '1'.repeat(60)],
    ['text among numbers', many((at) => `${at}`), 'many'],
    ['numbers among texts', many((at) => `t${at}`), '12'],
    ['BOOLEAN', many((at) => (at % 2 ? 'true' : 'false')), 'TRUE'],
    ['no BOOLEAN', many((at) => (at % 2 ? 'true' : 'false')), 'yes'],
    ['DATE', many((at) => `2024-01-${String((at % 28) + 1).padStart(2, '0')}`), '2024-02-29'],
    ['no DATE', many(() => '2024-01-05'), '2023-02-29'],
    ['dates in another style', many(() => '2024-01-05'), '2024/1/6'],
    ['a date of year 0', many(() => '2024-01-05'), '0000-01-01'],
    ['dates without zeros', many((at) => `2024-1-${(at % 28) + 1}`), '2024-12-31'],
    ['days first', many(() => '05/01/2024'), '31/01/2024'],
    ['months first', many(() => '05/01/2024'), '01/31/2024'],
    ['either', many(() => '31/01/2024'), '01/31/2024'],
    ['points', many(() => '05.01.2024'), '31.1.2024'],
    ['TIMESTAMP', many((at) => `2024-01-05 10:00:${String(at % 60).padStart(2, '0')}`), '2024-01-05T10:00:01.25'],
    ['nanoseconds', many(() => '2024-01-05 10:00:01'), '2024-01-05 10:00:01.123456789'],
    ['hour 24', many(() => '2024-01-05 10:00:01'), '2024-01-05 24:00:00'],
    ['AM and PM', many(() => '2024-01-05 10:00:01'), '2024-01-05 9:00 PM'],
    ['TIMESTAMPTZ', many(() => '2024-01-05T10:00:01Z'), '2024-01-05 10:00:00+02:00'],
    ['a mix with and without zone', many(() => '2024-01-05T10:00:01Z'), '2024-01-05 10:00:00'],
    ['TIME', many(() => '10:00:01'), '23:59'],
    ['a duration', many(() => '10:00:01'), '25:00'],
    ['decimal commas', many((at) => `"${at},5"`), '"1.234,5"'],
    ['nothing at first', many(() => ''), '2024-01-05'],
    ['nothing, then numbers', many(() => ''), '7'],
  ])('has the types of a small one, whatever its end brings: %s', async (_case, beginning, last) => {
    const rows = [...beginning.map((value, at) => `${at},${value}`), `7,${last}`];
    await bothWays(lines('n,v', ...rows), {}, 2_000);
  });

  it.each([
    ['null_values', lines('a,b', '1,NA', 'NA,x', '3,"NA"'), { null_values: ['NA'] }],
    ['all_text', lines('a,b', '1,2', '3,4'), { all_text: true }],
    ['header', lines('a,b', '1,2'), { header: false }],
    ['skip', lines('x', 'a,b', '1,2'), { skip: 1 }],
    ['delimiter', lines('a;b,c', '1;2,3'), { delimiter: ',' }],
    ['no quote', lines('a,b', '1,"x', '2,y"'), { quote: null }],
    ['decimal', lines('a;b', '1.234,5;x', '2;y'), { decimal: ',' as const }],
  ])('obeys %s', async (_case, content, options) => {
    await bothWays(content, options);
  });

  it('says that types and date_format are for smaller files', async () => {
    expect((await read(lines('a,b', '1,2'), true, { types: { a: 'VARCHAR' } })).answer).toMatchObject({
      failure: { code: 'source_unreadable', message: expect.stringContaining('cast with transform') as string },
    });
  });

  it('keeps the order of its rows, also when some are written anew', async () => {
    const rows = many((at) => (at % 10 === 0 ? `${at}` : `${at},t${at}`), 2_000);
    const { answer: result } = await read(lines('n,t', ...rows), true);
    expect(result).toMatchObject({ done: { results: [{ rowCount: 2_000 }] } });
    if (result.kind !== 'done') throw new Error(result.kind);
    expect(result.done.results[0]?.rows.map(([n]) => n)).toEqual(rows.map((_, at) => at));
  });
});
