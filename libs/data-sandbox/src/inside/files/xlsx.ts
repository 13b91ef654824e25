// A sheet of a workbook as a table.
import { readFile } from 'node:fs/promises';

import {
  boundedReport,
  distinctNames,
  type ReadOptions,
  readTable,
  shortened,
  type Table,
  Unreadable,
} from '@pulser/tabular';
import type * as Xlsx from 'hucre/xlsx';

interface SheetOf {
  readonly name: string;
  /** Name of the sheet; the first one without. */
  readonly sheet?: string | undefined;
  readonly options: ReadOptions;
}

type Workbook = typeof Xlsx;
type CellValue = Awaited<ReturnType<Workbook['readXlsx']>>['sheets'][number]['rows'][number][number];

const sheetNames = async ({ readXlsx }: Workbook, bytes: Uint8Array): Promise<string[]> => {
  const names: string[] = [];
  const note = ({ name }: { readonly name: string }): boolean => {
    names.push(name);
    return false;
  };
  await readXlsx(bytes, { sheets: note });
  return names;
};

/** The place of the sheet that is meant. @throws Unreadable, with the names that there are */
const placeOf = (names: readonly string[], wanted: string | undefined): number => {
  const place = wanted === undefined ? 0 : names.indexOf(wanted);
  if (place >= 0 && place < names.length) return place;
  const there = names.slice(0, 20).map((name) => `'${shortened(name, 60)}'`);
  throw new Unreadable(
    there.length === 0
      ? 'The workbook has no sheet'
      : `There is no sheet '${shortened(wanted ?? '', 60)}': there are ${there.join(', ')}`,
  );
};

const isBlank = (value: CellValue | undefined): boolean => value === null || value === undefined || value === '';

interface Row {
  /** As the sheet numbers it, from 1. */
  readonly line: number;
  readonly values: readonly CellValue[];
}

const maxCells = 8_000_000;

const rowsOf = async (
  { streamXlsxRows }: Workbook,
  bytes: Uint8Array,
  place: number,
  skip: number,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  let cells = 0;
  for await (const { index, values } of streamXlsxRows(bytes, { sheet: place })) {
    if (index < skip || values.every(isBlank)) continue;
    cells += values.length;
    if (cells > maxCells) throw new Unreadable(`More than ${maxCells} cells`);
    rows.push({ line: index + 1, values });
  }
  return rows;
};

const isHeader = (values: readonly CellValue[]): boolean =>
  values.every((value) => isBlank(value) || typeof value === 'string');

const withoutZone = (date: Date): string => date.toISOString().replace(/(?:\.000)?Z$/, '');

const hasClock = (value: CellValue | undefined): boolean =>
  value instanceof Date && !withoutZone(value).endsWith('T00:00:00');

/** @param clock whether some date of the column has a time of day, so that all are written with one */
const jsonOf = (value: CellValue | undefined, clock: boolean): string => {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return JSON.stringify(clock ? withoutZone(value) : withoutZone(value).slice(0, 10));
  return typeof value === 'number' && !Number.isFinite(value) ? 'null' : JSON.stringify(value);
};

const headerGuess = 'The first row is taken for the names of the columns: say header to decide otherwise';

/** Each row as an object on the line that has its number in the sheet, so that messages name that. */
const linesOf = (rows: readonly Row[], names: readonly string[]): string => {
  const clocks = names.map((_, column) => rows.some(({ values }) => hasClock(values[column])));
  const keys = names.map((name) => JSON.stringify(name));
  const lines: string[] = [];
  for (const { line, values } of rows) {
    while (lines.length < line - 1) lines.push('');
    const members = keys.map((key, column) => `${key}:${jsonOf(values[column], clocks[column] ?? false)}`);
    lines.push(`{${members.join(',')}}`);
  }
  return lines.join('\n');
};

// Cells of workbooks have types of their own, so a sheet is read as JSON is: numbers, dates and truth values are what
// they are, and texts that look like numbers stay texts.
const tableOf = (rows: readonly Row[], { name, options }: SheetOf): Table => {
  const [first] = rows;
  if (first === undefined) throw new Unreadable('The sheet is empty');
  const header = options.header ?? isHeader(first.values);
  const body = header ? rows.slice(1) : rows;
  if (body.length === 0) throw new Unreadable('The sheet has a header and no rows');
  const width = rows.reduce((most, { values }) => Math.max(most, values.length), 0);
  const written = Array.from({ length: width }, (_, column) =>
    header && !isBlank(first.values[column]) ? String(first.values[column]) : '',
  );
  const { names, warnings } = distinctNames(written);
  // The options of a JSON source; header and skip have been obeyed.
  const table = readTable({ name, format: 'ndjson', content: linesOf(body, names), options });
  const onlyTexts = header && options.header === undefined && body.every(({ values }) => isHeader(values));
  const report = boundedReport({
    ...table.report,
    format: 'xlsx',
    guesses: [...(onlyTexts ? [headerGuess] : []), ...table.report.guesses],
    warnings: [...(header ? warnings : []), ...table.report.warnings],
  });
  return { ...table, report };
};

/** The table on a sheet. Its first row names the columns when it holds texts only. @throws Unreadable */
export const sheetTable = async (path: string, sheet: SheetOf): Promise<Table> => {
  // Loaded when the first workbook comes: few tasks have one.
  const workbook = await import('hucre/xlsx');
  const bytes = await readFile(path);
  try {
    const place = placeOf(await sheetNames(workbook, bytes), sheet.sheet);
    return tableOf(await rowsOf(workbook, bytes, place, sheet.options.skip ?? 0), sheet);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`The workbook is broken: ${error instanceof Error ? error.message : String(error)}`);
  }
};
