import { generatedFile, shapeNames } from '../files/shapes.js';
import { wellFormed, type WrittenColumn, type WrittenFile } from '../files/written-file.js';
import { broken, Tally, type Totals } from '../run.js';
import { type Cell, exactNumber, exactTime, readingOf } from '../values/truth.js';
import { type Answer, judged } from './check.policy.js';

type Read = Extract<Answer, { kind: 'read' }>;

const typedValue = ({ truth, written }: Cell): unknown => {
  if (truth.kind === 'number') return truth.exact;
  return truth.kind === 'date' || truth.kind === 'timestamp' ? truth.iso : (written ?? null);
};

/** A reader that knows the file: what is unambiguous is typed, the rest is text, what is not good is refused. */
const faithful = (file: WrittenFile): Read => {
  const allText = file.options.all_text === true;
  const typed = (column: WrittenColumn | undefined): boolean => column?.unambiguous === true && !allText;
  const columns = file.columns.map((column, at) => ({
    name: column.name ?? `column ${at}`,
    type: file.options.types?.[column.name ?? ''] ?? (typed(column) ? 'DECIMAL' : 'VARCHAR'),
  }));
  const good = file.rows.filter(({ kind }) => kind === 'good');
  const rows = good.map(({ cells }) =>
    cells.map((cell, at) => (typed(file.columns[at]) ? typedValue(cell) : (cell.written ?? null))),
  );
  const warnings = file.columns.flatMap(({ ambiguousDates }, at) =>
    ambiguousDates ? [{ code: 'ambiguous_dates', column: columns[at]?.name, message: 'day or month' }] : [],
  );
  const rows_refused = file.rows.length - good.length;
  const refused = rows_refused > 0 ? [{ reason: 'too short' }] : [];
  const decided = columns.map((column) => ({ ...column, decided_by: 'values' }));
  return {
    kind: 'read',
    columns,
    rows,
    report: { columns: decided, rows: rows.length, rows_refused, refused, guesses: [], warnings },
  };
};

const someFiles = (count: number): WrittenFile[] => Array.from({ length: count }, (_, n) => generatedFile(3, n));
const files = someFiles(3 * shapeNames.length);

const totalsOf = (read: (file: WrittenFile) => Answer, from = files): Totals => {
  const tally = new Tally();
  for (const file of from) tally.add(judged(file, read(file)));
  return tally.totals;
};

const changedCells =
  (change: (value: unknown, type: string, column: WrittenColumn | undefined) => unknown) =>
  (file: WrittenFile): Answer => {
    const read = faithful(file);
    const rows = read.rows.map((row) =>
      row.map((value, at) => change(value, read.columns[at]?.type ?? '', file.columns[at])),
    );
    return { ...read, rows };
  };

const swapped = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/^(\d{4})-(0\d|1[0-2])-(0\d|1[0-2])$/, '$1-$3-$2') : value;

describe('the check of what was read', () => {
  it('finds nothing wrong in what a faithful reader says about every shape of file', () => {
    const totals = totalsOf(faithful);
    expect(totals).toMatchObject({ files: files.length, faulty: 0, wrong: 0, goodRowsRefused: 0 });
    expect(totals.typed).toBe(totals.unambiguous);
    expect(totals.unambiguous).toBeGreaterThan(10_000);
    expect(broken(totals)).toEqual([]);
  });

  it.each<[string, (file: WrittenFile) => Answer]>([
    [
      'rounds numbers to doubles',
      changedCells((value, type) =>
        type === 'DECIMAL' && exactNumber(String(value)) !== undefined ? Number(value) : value,
      ),
    ],
    ['swaps day and month', changedCells(swapped)],
    ['trims text', changedCells((value) => (typeof value === 'string' ? value.trim() : value))],
    [
      'drops leading zeros',
      changedCells((value) => (typeof value === 'string' ? value.replace(/^0+(?=\d{4}$)/, '') : value)),
    ],
    ['takes NaN for nothing', changedCells((value) => (value === 'NaN' ? null : value))],
    ['takes nothing for an empty text', changedCells((value) => value ?? '')],
    [
      'reads another encoding',
      changedCells((value) => (typeof value === 'string' ? Buffer.from(value).toString('latin1') : value)),
    ],
    ['drops the last row', (file) => ({ ...faithful(file), rows: faithful(file).rows.slice(0, -1) })],
    ['drops a row in the middle', (file) => ({ ...faithful(file), rows: faithful(file).rows.toSpliced(1, 1) })],
    [
      'doubles a row',
      (file) => ({
        ...faithful(file),
        rows: faithful(file).rows.flatMap((row, at) => (at === 0 ? [row, row] : [row])),
      }),
    ],
    ['says nothing about its reading', (file) => ({ ...faithful(file), report: undefined })],
    [
      'exchanges two columns',
      (file) => ({
        ...faithful(file),
        rows: faithful(file).rows.map(([one, other, ...rest]) => [other, one, ...rest]),
      }),
    ],
    ['crashes', () => ({ kind: 'refused', code: 'handler_failed', message: 'x is not a function' })],
    ['gives no reason', () => ({ kind: 'refused', code: 'source_unreadable', message: '' })],
  ])('catches a reader that %s', (_, reader) => {
    const totals = totalsOf(reader);
    expect(totals.faulty).toBeGreaterThan(0);
    expect(broken(totals)).toContainEqual(expect.stringContaining('wrong without a word'));
  });

  it('catches a dropped row in every file that has one', () => {
    const tables = files.filter((file) => wellFormed(file) && file.rows.length > 1);
    const totals = totalsOf((file) => ({ ...faithful(file), rows: faithful(file).rows.slice(1) }), tables);
    expect(totals.faulty).toBe(tables.length);
  });

  it('catches an order of day and month that is only a guess, and a missing warning', () => {
    const ambiguous = files.filter(
      ({ columns, options }) => columns.some((one) => one.ambiguousDates) && options.all_text !== true,
    );
    const silent = (file: WrittenFile): Answer => {
      const read = faithful(file);
      return read.report === undefined ? read : { ...read, report: { ...read.report, warnings: [] } };
    };
    expect(ambiguous.length).toBeGreaterThan(0);
    expect(totalsOf(silent, ambiguous).faulty).toBe(ambiguous.length);
  });

  it('does not take text for everything, nor refusals, for a good reader', () => {
    const text = changedCells((value) => value);
    const allText = (file: WrittenFile): Answer => {
      const read = text(file) as Read;
      const columns = read.columns.map(({ name }) => ({ name, type: 'VARCHAR' }));
      const rows = file.rows
        .filter(({ kind }) => kind === 'good')
        .map(({ cells }) => cells.map(({ written = null }) => written));
      return { ...read, columns, rows };
    };
    expect(broken(totalsOf(allText))).toContainEqual(expect.stringContaining('came back typed'));
    const refusing = (): Answer => ({ kind: 'refused', code: 'source_unreadable', message: 'Line 1 is odd' });
    expect(broken(totalsOf(refusing))).toEqual(['100.00 % of well-formed files were refused']);
  });
});

describe('a cell', () => {
  const number = (written: string): Cell => ({ written, truth: { kind: 'number', exact: exactNumber(written) ?? '' } });

  it.each([
    ['1.50', 'DOUBLE', 1.5, 'typed'],
    ['1.50', 'DECIMAL(3,2)', '1.50', 'typed'],
    ['1.50', 'VARCHAR', '1.50', 'text'],
    ['1.50', 'VARCHAR', '1.5', undefined],
    ['9007199254740993', 'DOUBLE', 9007199254740992, undefined],
    ['9007199254740993', 'BIGINT', '9007199254740993', 'typed'],
    ['0.1', 'DOUBLE', 0.1, 'typed'],
    ['0.12345678901234567890', 'DOUBLE', 0.12345678901234568, undefined],
    ['1.5', 'DOUBLE', null, undefined],
    ['-0', 'BIGINT', 0, 'typed'],
  ])('of the number %s is, read as %s %j, %s', (written, type, read, reading) => {
    expect(readingOf(number(written), type, read)).toBe(reading);
  });

  it.each([
    ['007', 'BIGINT', 7],
    ['1E5', 'DOUBLE', 100_000],
    ['10-11-12', 'DATE', '2012-11-10'],
    ['NaN', 'DOUBLE', null],
    [' a', 'VARCHAR', 'a'],
  ])('of the text %j is not %s %j', (written, type, read) => {
    expect(readingOf({ written, truth: { kind: 'text' } }, type, read)).toBeUndefined();
  });

  it('knows numbers and times by their value', () => {
    expect(exactNumber('-001.500e2')).toBe(exactNumber('-150'));
    expect([exactNumber('0.000'), exactNumber('-0')]).toEqual(['0e0', '0e0']);
    expect(['', '.', '1e', '1 0', '٣'].map(exactNumber)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(exactTime('2024-01-01T00:00:00.500Z')).toBe('2024-01-01T00:00:00.5Z');
    expect(exactTime('2024-01-01T00:00:00.000')).toBe('2024-01-01T00:00:00');
    expect(exactTime('2024-01-01T00:00:10')).toBe('2024-01-01T00:00:10');
  });
});
