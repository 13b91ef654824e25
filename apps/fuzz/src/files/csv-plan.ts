// How a CSV file is to be written, and which options say so to its reader.
import type { Random } from '@pulser/harness';

import { type Encoding, looksLikeUtf8 } from './written-file.js';

type Header = 'plain' | 'with delimiters' | 'duplicates' | 'case' | 'years' | 'hash' | 'odd' | 'none';

/** How a file is written. */
export interface CsvPlan {
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly quote: '"' | "'";
  readonly quoting: 'minimal' | 'always' | 'words';
  readonly lineEnd: '\n' | '\r\n' | '\r' | 'mixed';
  readonly finalLineEnd: boolean;
  readonly encoding: Encoding;
  readonly mark: boolean;
  /** Excel's first line `sep=;`. */
  readonly sepLine: boolean;
  /** Lines before the header. */
  readonly preamble: number;
  readonly blankLines: boolean;
  readonly comments: boolean;
  readonly decimal: '.' | ',';
  readonly shortRows: boolean;
  /** The last row has a cell too many, a quote that is never closed, or text behind a closing quote. */
  readonly lastRow: 'good' | 'too long' | 'open quote' | 'text behind a quote';
  /** Quotes within a cell, not at its start, do not put the cell into quotes. */
  readonly bareQuotes: boolean;
  /** Blank lines before the header. */
  readonly leadingBlanks: number;
  readonly footnote: boolean;
  readonly trailingDelimiter: boolean;
  readonly header: Header;
  readonly columns: number;
  readonly rows: number;
  /** Share of cells in which nothing is written. */
  readonly empty: number;
  /** How nothing is written, when not as nothing. */
  readonly nullText: string;
}

/** The plan of a file about which nothing is special, with a little of everything. */
export const plainPlan = (random: Random): CsvPlan => ({
  delimiter: random.pick([',', ',', ';', '\t', '|']),
  quote: '"',
  quoting: random.pick(['minimal', 'minimal', 'always', 'words']),
  lineEnd: random.pick(['\n', '\n', '\r\n']),
  finalLineEnd: random.chance(0.8),
  encoding: 'utf-8',
  mark: random.chance(0.1),
  sepLine: false,
  preamble: 0,
  blankLines: false,
  comments: false,
  decimal: '.',
  shortRows: false,
  lastRow: 'good',
  bareQuotes: false,
  leadingBlanks: 0,
  footnote: false,
  trailingDelimiter: false,
  header: 'plain',
  columns: random.whole(3, 8),
  rows: random.chance(0.03) ? random.whole(300, 3_000) : random.whole(4, 40),
  empty: random.pick([0, 0.1, 0.5]),
  nullText: '',
});

/** What a reader cannot find out by itself must be told. */
export const neededOptions = (plan: CsvPlan, bytes: Buffer, content: string): Record<string, unknown> => ({
  ...(plan.header === 'none' && { header: false }),
  ...(plan.quote === "'" && plan.quoting !== 'always' && { quote: plan.quote }),
  ...(plan.nullText !== '' && { null_values: [plan.nullText] }),
  ...(plan.comments && plan.columns === 1 && { comment: '#' }),
  ...(needsEncoding(plan, bytes, content) && { encoding: plan.encoding }),
});

const needsEncoding = ({ encoding, mark }: CsvPlan, bytes: Buffer, content: string): boolean => {
  if (encoding === 'utf-8' || mark) return false;
  if (encoding === 'utf-16le' || encoding === 'utf-16be')
    return content.replace(/[^\0-\x7f]/g, '').length * 2 < content.length;
  return looksLikeUtf8(bytes) && /[^\0-\x7f]/.test(content);
};

const skipped = ({ preamble, leadingBlanks, sepLine, comments }: CsvPlan): number | undefined =>
  preamble > 0 && leadingBlanks === 0 && !sepLine && !comments ? preamble : undefined;

const possible = (plan: CsvPlan, bytes: boolean): Record<string, unknown> => {
  const skip = skipped(plan);
  return {
    delimiter: plan.delimiter,
    quote: plan.quote,
    ...(plan.header !== 'none' && { header: true }),
    ...(skip !== undefined && { skip }),
    ...(plan.comments && { comment: '#' }),
    decimal: plan.decimal,
    ...(bytes && { encoding: plan.encoding }),
  };
};

/** One third of the files come without an option that is not needed. */
export const drawnOptions = (random: Random, plan: CsvPlan, bytes: boolean): Record<string, unknown> => {
  if (random.chance(1 / 3)) return {};
  const some = Object.entries(possible(plan, bytes)).filter(() => random.chance(0.4));
  return { ...Object.fromEntries(some), ...(random.chance(0.05) && { all_text: true }) };
};
