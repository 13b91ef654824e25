// The one way from the bytes of a file to a table with a report.
import type { TypedColumn } from './columns.js';
import { readCsv } from './csv-table.js';
import { decode, type Decoded } from './encoding.policy.js';
import { readJson } from './json-table.js';
import type { Format, ReadOptions } from './options.js';
import type { Refused } from './records.policy.js';
import { boundedReport, type ReadReport, type Warning } from './report.js';
import { Unreadable } from './unreadable.js';

/** A file. A text is one that needs no decoding any more. */
export interface TableFile {
  readonly name: string;
  readonly format: Format;
  readonly content: Uint8Array | string;
  readonly options: ReadOptions;
}

export interface Table {
  readonly columns: readonly TypedColumn[];
  readonly rows: number;
  /** All of them, in the order of the file; the report lists the first ones. */
  readonly refused: readonly Refused[];
  readonly report: ReadReport;
}

const textOf = ({ content, options }: TableFile): Decoded => {
  if (typeof content !== 'string') return decode(content, options.encoding);
  return { text: content.startsWith('\ufeff') ? content.slice(1) : content, encoding: 'utf-8' };
};

// Not behind an escaped backslash.
const escapedNul = /(?<!\\)(?:\\\\)*\\u0000/;

/** What the text holds that is hardly meant. */
const oddCharacters = (text: string, format: Format, warning: string | undefined): Warning[] => {
  const holdsNul = text.includes('\0') || (format !== 'csv' && escapedNul.test(text));
  const nul = holdsNul ? 'The file holds NUL characters' : undefined;
  return [warning, nul].flatMap((message) => (message === undefined ? [] : [{ code: 'invalid_characters', message }]));
};

const refusedRows = (count: number): Warning[] =>
  count === 0 ? [] : [{ code: 'rows_refused', message: `${count} rows were not read; the first ones are listed` }];

/**
 * Reads a CSV, JSON or NDJSON file explicitly and without loss: no value changes by getting a type, and what was guessed,
 * left out or refused is in the report. README.md says what is promised. Takes time and memory linear in the content.
 *
 * @throws Unreadable when there is no table in it, or it is no table as its options say
 */
export const readTable = (file: TableFile): Table => {
  const { name, format, options } = file;
  const { text, encoding, guess, warning } = textOf(file);
  if (text.trim() === '') throw new Unreadable('It is empty');
  const { columns, rows, refused, dialect, guesses, warnings } =
    format === 'csv' ? readCsv(text, options) : readJson(text, format, options);
  if (rows === 0 && refused[0] !== undefined) throw new Unreadable(refused[0].reason, refused[0].line);
  const inOrder = [...refused].sort((one, other) => one.line - other.line);
  const report = boundedReport({
    name,
    format,
    encoding,
    ...(dialect === undefined ? {} : { dialect }),
    columns: columns.map((column) => ({ name: column.name, type: column.type, decided_by: column.decidedBy })),
    rows,
    rows_refused: refused.length,
    refused: inOrder,
    guesses: [...(guess === undefined ? [] : [guess]), ...guesses],
    warnings: [...oddCharacters(text, format, warning), ...refusedRows(refused.length), ...warnings],
  });
  return { columns, rows, refused: inOrder, report };
};
