// A CSV file that is larger than the memory, as a view: its rows are read from it again by whoever reads the view.
import { open, readFile } from 'node:fs/promises';

import type { DuckDBConnection } from '@duckdb/node-api';
import { csvReport, type CsvPlan, planCsv, type ReadOptions, type ReadReport, Unreadable } from '@pulser/tabular';

import type { StagedSource } from '../../sources/sources.js';
import type { RefusedRows } from '../table/refused-rows.js';
import type { Bounds } from '../job/job.js';
import { quotedName, quotedText } from '../job/sql-text.js';
import { plainFile, type PlainFile } from './plain-file.js';
import { cellName, type LargeColumn, promisedColumns, typedColumns, typedRows } from './typed-columns.js';
import { utf8File } from './utf8-file.js';

/** Larger files are read in passes, and what they are is found from so much of their beginning. */
export const usualPasses = { fromBytes: 8 * 1_048_576, beginningBytes: 1_048_576 } as const;

const byteOrderMark = Buffer.from('\ufeff');

const beginningOf = async (path: string, bytes: number): Promise<{ text: string; lead: number }> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, 0);
    const head = buffer.subarray(0, bytesRead);
    const lead = head.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
    const end = bytesRead < bytes ? bytesRead - 1 : head.lastIndexOf(10);
    if (end < 0) throw new Unreadable('The first row is too long');
    return { text: head.subarray(lead, end + 1).toString(), lead };
  } finally {
    await file.close();
  }
};

/** Up to here a file is read at once when its owner gives types, which takes up to 40 times its size in memory. */
const typedBytes = 24 * 1_048_576;

const isTyped = ({ types, date_format: format }: ReadOptions): boolean => types !== undefined || format !== undefined;

/** A file of more lines is read in passes, too, however small it is: each cell takes memory. */
const maxLinesAtOnce = 250_000;

/** Whether a file has many lines for its size. It is read for that: call it with small ones. */
export const hasManyLines = async (path: string, options: ReadOptions): Promise<boolean> => {
  if (isTyped(options)) return false;
  const bytes = await readFile(path);
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0 && lines <= maxLinesAtOnce; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines > maxLinesAtOnce;
};

/** Whether a file of this size is read in passes. */
export const isReadInPasses = (bytes: number, options: ReadOptions, fromBytes: number): boolean =>
  bytes > (isTyped(options) && fromBytes > 0 ? Math.max(fromBytes, typedBytes) : fromBytes);

const checkOptions = (options: ReadOptions): void => {
  if (isTyped(options)) {
    throw new Unreadable(
      `types and date_format are for files of up to ${typedBytes / 1_048_576} MiB: leave them out, and cast with transform`,
    );
  }
};

const headerOf = (text: string, { start, header }: CsvPlan): Buffer | undefined =>
  header === undefined
    ? undefined
    : Buffer.from(text.slice(text.lastIndexOf('\n', start - 2) + 1, start).replace(/[\r\n]+$/, ''));

const csvTable = (file: PlainFile, columns: number, nulls: readonly string[]): string => {
  const names = Array.from({ length: columns }, (_, index) => `${cellName(index)}: 'VARCHAR'`);
  const options = [
    quotedText(file.path),
    'auto_detect = false',
    'header = false',
    `skip = ${file.skip}`,
    `delim = ${quotedText(file.delimiter)}`,
    `quote = ${quotedText(file.quote ?? '')}`,
    `escape = ${quotedText(file.quote ?? '')}`,
    `nullstr = [${['', ...nulls].map(quotedText).join(', ')}]`,
    'allow_quoted_nulls = false',
    'strict_mode = true',
    `columns = {${names.join(', ')}}`,
  ];
  return `read_csv(${options.join(', ')})`;
};

/**
 * Looks at the whole file, in passes of bounded memory: which of its records are rows, which types its columns have. Then
 * makes a view of the typed rows.
 *
 * @returns the file that the view reads
 * @throws Unreadable
 */
export const readLargeCsv = async (
  connection: DuckDBConnection,
  { name, path: sourcePath, copyTo = sourcePath, options = {} }: StagedSource,
  path: string,
  refusedRows: RefusedRows | undefined,
  { beginningBytes } = usualPasses as NonNullable<Bounds['passes']>,
): Promise<{ report: ReadReport; path: string; pledge?: Pledge }> => {
  checkOptions(options);
  const utf8 = await utf8File(path, `${copyTo}.utf8`, options.encoding);
  const { text, lead } = await beginningOf(utf8.path, beginningBytes);
  if (text.trim() === '') throw new Unreadable('It is empty');
  const plan = planCsv(text, options);
  const file = await plainFile({
    path: utf8.path,
    copyPath: `${copyTo}.plain-csv`,
    plan,
    lead,
    startBytes: Buffer.byteLength(text.slice(0, plan.start)),
    headerBytes: headerOf(text, plan),
    crlf: /^[^\n]*\r\n/.test(text),
    onRefused: async (refused) => refusedRows?.add(name, refused),
  });
  const csv = csvTable(file, file.width, options.null_values ?? []);
  globalThis.gc?.();
  const view = async (columns: readonly LargeColumn[]): Promise<ReadReport> => {
    await connection.run(`CREATE OR REPLACE VIEW ${quotedName(name)} AS ${typedRows(csv, columns)}`);
    return reportOf(name, utf8, plan, file, columns);
  };
  const measured = async (): Promise<ReadReport> => {
    const { rows, columns } = await typedColumns(connection, csv, plan);
    checkRows(rows, file.rows);
    return view(columns);
  };
  const promised = promisedColumns(plan);
  if (promised === undefined) return { report: await measured(), path: file.path };
  return { report: await view(promised), path: file.path, pledge: { rows: file.rows, measured } };
};

/** @throws Unreadable when DuckDB finds other records than the first pass */
export const checkRows = (found: number, expected: number): void => {
  if (found === expected) return;
  throw new Unreadable(
    `Two readers disagree on its rows: ${expected} and ${found}. Say its dialect (delimiter, quote)`,
  );
};

/**
 * A view whose columns have the types that the beginning of the file promises: reading it proves them, or fails with
 * {@link brokenPromise}. So most files are read twice only, once for their records and once for their values.
 */
export interface Pledge {
  readonly rows: number;
  /** Looks at all values, and makes the view anew. */
  readonly measured: () => Promise<ReadReport>;
}

const counted = (count: number, message: string, code: 'rows_padded' | 'rows_refused'): ReadReport['warnings'] =>
  count === 0 ? [] : [{ code, message: `${count} ${message}` }];

const reportOf = (
  name: string,
  { encoding, guesses, warnings }: Awaited<ReturnType<typeof utf8File>>,
  plan: CsvPlan,
  file: PlainFile,
  columns: readonly LargeColumn[],
): ReadReport =>
  csvReport({
    name,
    encoding,
    dialect: plan.dialect,
    columns: columns.map((column) => ({ name: column.name, type: column.type, decided_by: column.decidedBy })),
    rows: file.rows,
    rows_refused: file.refused,
    refused: [...file.firstRefused],
    guesses: [...guesses, ...plan.guesses, ...columns.flatMap((column) => column.guesses)],
    warnings: [
      ...warnings,
      ...(file.holdsNul ? [{ code: 'invalid_characters' as const, message: 'The file holds NUL characters' }] : []),
      ...counted(file.refused, 'rows were not read; the first ones are listed', 'rows_refused'),
      ...plan.warnings,
      ...counted(file.padded, 'rows have fewer cells than the header: the others are NULL', 'rows_padded'),
      ...columns.flatMap((column) => column.warnings),
    ],
  });
