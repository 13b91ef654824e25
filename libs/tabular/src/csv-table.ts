// A CSV text as a table.
import { decideType } from './column-type.policy.js';
import { type RawColumn, typedColumns, type TypedColumn } from './columns.js';
import { rowsOf } from './csv-rows.policy.js';
import { type Cut, findCut } from './delimiter.policy.js';
import { findStart, type Start, withoutComments } from './header.policy.js';
import { distinctNames } from './names.policy.js';
import { numberStyleOf } from './number-style.policy.js';
import type { NumberStyle } from './numbers.policy.js';
import { datesOf, type ReadOptions } from './options.js';
import { type CsvRecord, type Grammar, type Records, recordsOf, type Refused } from './records.policy.js';
import type { ReadReport, Warning } from './report.js';
import { Unreadable } from './unreadable.js';

/** What both formats give to the report. */
export interface ReadTable {
  readonly columns: readonly TypedColumn[];
  readonly rows: number;
  readonly refused: readonly Refused[];
  readonly dialect?: NonNullable<ReadReport['dialect']>;
  readonly guesses: readonly string[];
  readonly warnings: readonly Warning[];
}

/** A table of more cells is not read: it would not fit into the memory of a task. */
const maxCells = 8_000_000;
const maxColumns = 10_000;

/** @throws Unreadable for a table beyond the limits */
export const checkSize = (columns: number, rows: number): void => {
  if (columns > maxColumns) throw new Unreadable(`More than ${maxColumns} columns`);
  if (columns * rows > maxCells) throw new Unreadable(`More than ${maxCells} cells, counting those of short rows`);
};

/** Where the table stands in the text, and how it is cut. */
export interface Layout {
  readonly grammar: Grammar;
  /** Lines at the start that were not looked at. */
  readonly skip: number;
  readonly records: Records;
  readonly start: Start;
  readonly guesses: readonly string[];
}

// Excel writes and reads it.
const separatorLine = /^"?sep=(.)"?[ \t]*(?:\r\n|\n|\r)/i;

const knownOf = (text: string, options: ReadOptions): { delimiter: string | undefined; skip: number } => {
  const separator = separatorLine.exec(text.slice(0, 20))?.[1];
  const delimiter = options.delimiter === '\\t' ? '\t' : options.delimiter;
  return {
    delimiter: delimiter ?? separator,
    skip: Math.max(options.skip ?? 0, separator === undefined ? 0 : 1),
  };
};

const orNull = (character: string | null | undefined): string | null | undefined =>
  character === '' ? null : character;

const layoutOf = (text: string, options: ReadOptions): Layout => {
  const { delimiter, skip } = knownOf(text, options);
  const comment = orNull(options.comment);
  const cut = findCut(text, { delimiter, quote: orNull(options.quote), comment, skip });
  const tidy = comment === undefined ? withoutComments(text, cut, skip) : { grammar: cut.grammar, skip };
  const placed = place(text, { ...cut, grammar: tidy.grammar }, tidy.skip, options);
  const header = placed.records.records[placed.start.first];
  const isSingle = header?.cells.length === 1 && cut.width > 1 && delimiter === undefined;
  if (!isSingle) return { ...placed, guesses: [...cut.guesses, ...placed.start.guesses] };
  // No delimiter in the header, and no table further below: lists of sentences look like this.
  const lines = { ...cut, width: 1, grammar: { ...tidy.grammar, delimiter: undefined } };
  return { ...place(text, lines, tidy.skip, options), guesses: ['Each line is one cell, as in the header'] };
};

const place = (text: string, { grammar, width }: Cut, skip: number, options: ReadOptions): Omit<Layout, 'guesses'> => {
  const records = recordsOf(text, grammar, skip);
  return { grammar, skip, records, start: findStart(records, width, options.header, options.skip !== undefined) };
};

const rawColumns = (
  names: readonly string[],
  written: readonly string[],
  rows: readonly CsvRecord[],
  options: ReadOptions,
): RawColumn[] => {
  const nulls = new Set(options.null_values ?? []);
  return names.map((name, column) => {
    const quotedNulls = new Set<number>();
    const texts = rows.map(({ cells, quoted }, row) => {
      const text = cells[column];
      if (text === undefined) return null;
      if (quoted?.[column] !== true) return text === '' || nulls.has(text) ? null : text;
      if (nulls.has(text)) quotedNulls.add(row);
      return text;
    });
    const named = { name, written: written[column] ?? name, texts };
    return quotedNulls.size === 0 ? named : { ...named, quotedNulls };
  });
};

export const csvFormat = {
  decide: ({ texts, quotedNulls }: RawColumn, reading: Parameters<typeof decideType>[1]) =>
    decideType(
      quotedNulls === undefined ? texts : texts.map((text, row) => (quotedNulls.has(row) ? null : text)),
      reading,
    ),
  scalar: (text: string): string => text,
};

/** Cells over several lines, of which one would be a row by itself: a forgotten quote looks like that. */
const swallowedRows = (rows: readonly CsvRecord[], { delimiter }: Grammar): Warning[] => {
  if (delimiter === undefined) return [];
  const suspicious = rows.find(({ cells, quoted }) =>
    quoted === undefined
      ? false
      : cells.some((cell) =>
          cell
            .split('\n')
            .slice(1, -1)
            .some((line) => line.split(delimiter).length === cells.length),
        ),
  );
  if (suspicious === undefined) return [];
  const message = `A quoted cell of the row on line ${suspicious.line} holds lines that look like rows: a quote may be missing`;
  return [{ code: 'multiline_cells', message }];
};

const skippedLines = ({ commentLines, blankLines }: Records, top: number, last: number, width: number): Warning[] => {
  const comments = commentLines.filter((line) => line > top).length;
  const blank = width === 1 ? blankLines.filter((line) => line > last).length : 0;
  const parts = [
    top > 1 ? `${top - 1} above the table` : '',
    comments > 0 ? `${comments} with comments` : '',
    blank > 0 ? `${blank} blank at the end` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [{ code: 'lines_skipped', message: `Lines left out: ${parts.join(', ')}` }];
};

/** A blank line among the rows of a single column is an empty cell; in wider tables it is nothing. */
const withBlankCells = (rows: readonly CsvRecord[], { blankLines }: Records, width: number): readonly CsvRecord[] => {
  const [from, to] = [rows[0]?.line ?? 0, rows.at(-1)?.line ?? 0];
  const blank = width > 1 ? [] : blankLines.filter((line) => line > from && line < to);
  if (blank.length === 0) return rows;
  const empty = blank.map((line): CsvRecord => ({ line, cells: [''], quoted: undefined }));
  return [...rows, ...empty].sort((one, other) => one.line - other.line);
};

const paddedRows = (padded: number): Warning[] =>
  padded === 0
    ? []
    : [{ code: 'rows_padded', message: `${padded} rows have fewer cells than the header: the others are NULL` }];

export const dialectOf = (
  { grammar, start }: Layout,
  lead: number,
  { decimal }: NumberStyle,
): NonNullable<ReadTable['dialect']> => ({
  delimiter: grammar.delimiter ?? '',
  quote: grammar.quote ?? null,
  header: start.header,
  skip: lead,
  comment: grammar.comment ?? null,
  decimal,
});

/** The table as texts: named columns of sorted rows. */
export interface Sheet {
  readonly layout: Layout;
  readonly top: CsvRecord;
  readonly rows: readonly CsvRecord[];
  readonly raw: readonly RawColumn[];
  readonly refused: readonly Refused[];
  readonly warnings: readonly Warning[];
}

export const sheetOf = (text: string, options: ReadOptions): Sheet => {
  const layout = layoutOf(text, options);
  const { records, start, grammar } = layout;
  const top = records.records[start.first];
  const [broken] = records.refused;
  if (top === undefined) throw new Unreadable(broken?.reason ?? 'There is no row', broken?.line);
  const width = top.cells.length;
  const body = records.records.slice(start.header ? start.first + 1 : start.first);
  checkSize(width, body.length);
  const { rows: sorted, refused, padded } = rowsOf(body, width, start.header ? top : undefined);
  const rows = withBlankCells(sorted, records, width);
  const written = start.header ? top.cells : top.cells.map((_, index) => `column${index}`);
  const { names, warnings } = distinctNames(written);
  const skipped = skippedLines(records, top.line, rows.at(-1)?.line ?? top.line, width);
  return {
    layout,
    top,
    rows,
    raw: rawColumns(names, written, rows, options),
    refused: [...records.refused.filter(({ line }) => line > top.line), ...refused],
    warnings: [...warnings, ...skipped, ...paddedRows(padded), ...swallowedRows(rows, grammar)],
  };
};

/** Lists such as 1,2 look like decimals: only the option proves them. */
export const doubtfulComma = ({ decimal }: NumberStyle, { decimal: given }: ReadOptions): string[] =>
  decimal === ',' && given === undefined ? ['The decimal separator is a comma, as the numbers look'] : [];

/** Reads a CSV text. @throws Unreadable */
export const readCsv = (text: string, options: ReadOptions): ReadTable => {
  const { layout, top, rows, raw, refused, warnings } = sheetOf(text, options);
  const numbers = numberStyleOf(raw, layout.grammar.delimiter, options.decimal);
  const lines = rows.map(({ line }) => line);
  const typed = typedColumns(raw, lines, csvFormat, { numbers, dates: datesOf(options) }, options);
  return {
    columns: typed.columns,
    rows: typed.rows,
    refused: [...refused, ...typed.refused],
    dialect: dialectOf(layout, top.line - 1, numbers),
    guesses: [...layout.guesses, ...typed.guesses, ...doubtfulComma(numbers, options)],
    warnings: [...warnings, ...typed.warnings],
  };
};
