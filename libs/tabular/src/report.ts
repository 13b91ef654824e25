// What was read, for the person whose file it is.
import { z } from 'zod';

const codes = [
  'ambiguous_dates',
  'kept_as_text',
  'mixed_types',
  'rows_padded',
  'rows_refused',
  'lines_skipped',
  'renamed_column',
  'multiline_cells',
  'long_numbers',
  'invalid_characters',
  'no_columns',
  'not_listed',
] as const;

export const Warning = z.strictObject({
  code: z.enum(codes),
  column: z.string().optional(),
  message: z.string(),
});
export type Warning = z.infer<typeof Warning>;

/** The report on one source, of whichever format; CSV, JSON and NDJSON are read here. Long names and messages are shortened, long lists are cut. */
export const ReadReport = z.strictObject({
  name: z.string(),
  format: z.enum(['csv', 'json', 'ndjson', 'xlsx', 'parquet']),
  encoding: z.string(),
  dialect: z
    .strictObject({
      delimiter: z.string().meta({ description: 'Empty when a line is one cell' }),
      quote: z.string().nullable(),
      header: z.boolean(),
      skip: z.int().meta({ description: 'Lines before the header' }),
      comment: z.string().nullable(),
      decimal: z.string(),
    })
    .optional(),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      decided_by: z.enum(['option', 'values', 'kept_as_text', 'file']),
    }),
  ),
  rows: z.int(),
  rows_refused: z.int(),
  refused: z
    .array(z.strictObject({ line: z.int(), reason: z.string() }))
    .meta({ description: 'The first 20; a line is the number of the item in a JSON array' }),
  guesses: z.array(z.string()),
  warnings: z.array(Warning),
});
export type ReadReport = z.infer<typeof ReadReport>;

const maxColumns = 4_096;
const maxWarnings = 100;
const maxRefused = 20;

/** A text of at most `length` UTF-16 units, cut between characters. */
export const shortened = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, length - 3)
        .toWellFormed()
        .replace(/\ufffd$/, '')}...`;

const notListed = (what: string, all: number, listed: number): Warning[] =>
  all <= listed ? [] : [{ code: 'not_listed', message: `${all - listed} more ${what} are not listed here` }];

const warned = ({ column, message, code }: Warning): Warning => ({
  code,
  ...(column === undefined ? {} : { column: shortened(column, 100) }),
  message: shortened(message, 300),
});

/** A report within bounds, so that no file can flood a result with it. */
export const boundedReport = (report: ReadReport): ReadReport => ({
  ...report,
  columns: report.columns.slice(0, maxColumns).map((column) => ({ ...column, name: shortened(column.name, 100) })),
  refused: report.refused.slice(0, maxRefused).map(({ line, reason }) => ({ line, reason: shortened(reason, 300) })),
  guesses: report.guesses.slice(0, 20).map((guess) => shortened(guess, 300)),
  warnings: [
    ...report.warnings.slice(0, maxWarnings).map(warned),
    ...notListed('warnings', report.warnings.length, maxWarnings),
    ...notListed('columns', report.columns.length, maxColumns),
  ],
});
