import { reading, reasonFor, rowsOf } from './reading.js';

const text = 'name,town\nJosé,Zürich\nŁukasz,Łódź\n';
const western = 'name,town\nJosé,Zürich\nZoë,Malmö “x” – 5 €\n';
const windows = Buffer.from(
  western.replaceAll('“', '\x93').replaceAll('”', '\x94').replaceAll('–', '\x96').replaceAll('€', '\x80'),
  'latin1',
);
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

describe('the bytes of a file', () => {
  it.each([
    ['utf-8', Buffer.from(text), 0],
    ['utf-8', Buffer.from(`\ufeff${text}`), 0],
    ['utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le'), 0],
    ['utf-16be', swapped(Buffer.from(`\ufeff${text}`, 'utf16le')), 0],
    ['utf-16le', Buffer.from(text, 'utf16le'), 1],
    ['utf-16be', swapped(Buffer.from(text, 'utf16le')), 1],
  ])('are %s by their mark or their pattern', (encoding, bytes, guesses) => {
    const table = reading(bytes, { header: true });
    expect(table.report.encoding).toBe(encoding);
    expect(table.report.guesses).toHaveLength(guesses);
    expect(rowsOf(table)).toEqual([['José', 'Zürich'], ['Łukasz', 'Łódź']]); // prettier-ignore
  });

  it('are windows-1252 when they are nothing else, which is said to be a guess', () => {
    const table = reading(windows, { header: true });
    expect(table.report).toMatchObject({
      encoding: 'windows-1252',
      guesses: [expect.stringContaining('windows-1252')],
    });
    expect(rowsOf(table)[1]).toEqual(['Zoë', 'Malmö “x” – 5 €']);
  });

  it('are read in Chinese without a mark', () => {
    const chinese = '名前;値段\n一;1\n二;2\n';
    expect(rowsOf(reading(Buffer.from(chinese, 'utf16le')))).toEqual([['一', 1], ['二', 2]]); // prettier-ignore
  });

  it('are decoded as their owner says, or not at all', () => {
    expect(rowsOf(reading(windows, { encoding: 'latin1' }))[0]).toEqual(['José', 'Zürich']);
    const japanese = Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from([0x83, 0x41])]);
    expect(rowsOf(reading(japanese, { encoding: 'shift_jis' }))).toEqual([[1, 'ア']]);
    expect(reasonFor(windows, { encoding: 'utf-8' })).toBe('The bytes are not valid utf-8');
    expect(reasonFor(Buffer.from(text, 'utf16le').subarray(0, -1))).toBe('The bytes look like utf-16le, cut or broken');
    expect(reasonFor(Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]))).toMatch(/UTF-32/);
  });

  it('keep a file of UTF-8 with one broken character, with a warning', () => {
    const bytes = Buffer.concat([Buffer.from(text.repeat(5)), Buffer.from([0xc3])]);
    expect(reading(bytes).report).toMatchObject({ encoding: 'utf-8', warnings: [{ code: 'invalid_characters' }, {}] });
  });

  it('are no UTF-16 for a NUL character', () => {
    const table = reading(Buffer.from('a,b\n1,x\0y\n2,y\n'));
    expect(rowsOf(table)).toEqual([[1, 'x\0y'], [2, 'y']]); // prettier-ignore
    expect(table.report).toMatchObject({ encoding: 'utf-8', warnings: [{ code: 'invalid_characters' }] });
  });
});
