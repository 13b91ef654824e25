import { readTable, Unreadable } from '../src/index.js';

const size = 300_000;
const wide = (count: number): string => Array.from({ length: count }, (_, n) => `c${n}`).join();

/** @returns milliseconds of processor time, which a busy machine does not stretch */
const readingTime = (content: string, format: 'csv' | 'json'): { ms: number; reportBytes: number } => {
  const start = process.cpuUsage();
  let reportBytes = 0;
  try {
    reportBytes = JSON.stringify(readTable({ name: 'file', format, content, options: {} }).report).length;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    reportBytes = error.message.length;
  }
  return { ms: process.cpuUsage(start).user / 1_000, reportBytes };
};

describe('a hostile text', () => {
  it.each([
    ['quotes', '"'.repeat(size)],
    ['open quotes', `a,b\n${'1,"x\n'.repeat(size / 5)}`],
    ['quotes that close late', `a,b\n${'"""x\n'.repeat(size / 5)}`],
    ['delimiters', ','.repeat(size)],
    ['line ends', `a\n${'\r'.repeat(size)}1`],
    ['hashes', '#\n'.repeat(size / 2)],
    ['blanks before quotes', `a,b\n${`${' '.repeat(1_000)}"\n`.repeat(size / 1_002)}`],
    ['a number of many digits', `a,b\n${'1'.repeat(size)},2\n`],
    ['numbers of many digits', `a,b\n${`${'9'.repeat(300)},1\n`.repeat(size / 302)}`],
    ['short rows of a wide table', `${wide(5_000)}\n${'1\n'.repeat(size / 2)}`],
    ['one name for all columns', `${'a,'.repeat(9_000)}a\n`],
    ['repeated apostrophes', `a,b\n${"'x',y\n".repeat(size / 6)}`],
  ])('of CSV is read or refused in a second or so: %s', (_case, content) => {
    const { ms, reportBytes } = readingTime(content, 'csv');
    expect(ms).toBeLessThan(5_000);
    expect(reportBytes).toBeLessThan(500_000);
  });

  it.each([
    ['depth', '['.repeat(size)],
    ['closed depth', `${'['.repeat(size / 2)}${']'.repeat(size / 2)}`],
    ['a key in each row', `[${Array.from({ length: 20_000 }, (_, n) => `{"k${n}":1}`).join()}]`],
    ['backslashes', `["${'\\\\'.repeat(size / 2)}"]`],
    ['a long number', `[{"a":${'1'.repeat(size)}}]`],
  ])('of JSON is read or refused in a second or so: %s', (_case, content) => {
    const { ms, reportBytes } = readingTime(content, 'json');
    expect(ms).toBeLessThan(5_000);
    expect(reportBytes).toBeLessThan(500_000);
  });

  it('floods no report', () => {
    const name = 'n'.repeat(1_000);
    const header = Array.from({ length: 300 }, (_, n) => `${name}${n}`).join();
    const rows = Array.from({ length: 300 }, (_, n) => `00${n}${',01'.repeat(299)}`).join('\n');
    const { report } = readTable({
      name: 'file',
      format: 'csv',
      content: `${header}\n${rows}`,
      options: { header: true, types: {} },
    });
    expect(JSON.stringify(report).length).toBeLessThan(100_000);
  });
});
