// From columns of texts to columns of values.
import { type Cell, type Decision, type DecidedBy, type Reading } from './column-type.policy.js';
import { givenFit, typeNamed } from './given-type.policy.js';
import type { ReadOptions } from './options.js';
import type { Refused } from './records.policy.js';
import { shortened, type Warning } from './report.js';
import { Unreadable } from './unreadable.js';

/** A column as its file has it. */
export interface RawColumn {
  readonly name: string;
  /** Its name in the file, when that is another one. */
  readonly written?: string;
  /** Texts of CSV cells, or sources of JSON values. */
  readonly texts: readonly (string | null)[];
  /** Rows in which a quoted cell has one of the null values: text in a column of text, NULL in any other. */
  readonly quotedNulls?: ReadonlySet<number>;
}

export interface TypedColumn {
  readonly name: string;
  /** SQL type, as DuckDB writes it. */
  readonly type: string;
  readonly decidedBy: DecidedBy;
  readonly values: readonly Cell[];
}

export interface TypedColumns {
  readonly columns: readonly TypedColumn[];
  readonly rows: number;
  readonly refused: readonly Refused[];
  readonly warnings: readonly Warning[];
  readonly guesses: readonly string[];
}

/** How the texts of one format are read. */
export interface TextFormat {
  readonly decide: (column: RawColumn, reading: Reading) => Decision;
  /** The text that a given type is applied to. */
  readonly scalar: (text: string) => string;
}

interface Given {
  readonly type: string;
  readonly values: Cell[];
}

const withoutQuotedNulls = ({ texts, quotedNulls }: RawColumn): readonly (string | null)[] =>
  quotedNulls === undefined ? texts : texts.map((text, row) => (quotedNulls.has(row) ? null : text));

/** Applies the types that the owner gave; a row with a value that does not fit is refused whole. */
class GivenTypes {
  readonly byColumn = new Map<RawColumn, Given>();
  readonly refused = new Map<number, Refused>();
  private readonly format: TextFormat;
  private readonly reading: Reading;

  constructor(format: TextFormat, reading: Reading) {
    this.format = format;
    this.reading = reading;
  }

  apply(column: RawColumn, type: string): void {
    const source = type === 'VARCHAR' ? column.texts : withoutQuotedNulls(column);
    const texts = source.map((text) => (text === null ? null : this.format.scalar(text)));
    const fit = givenFit(type, column.name, texts, this.reading);
    const values = texts.map((text, row) => {
      const value = text === null ? null : fit(text);
      if (value === undefined) this.refuse(row, column.name, text ?? '', type);
      return value ?? null;
    });
    this.byColumn.set(column, { type, values });
  }

  /** The values of the rows that are not refused. */
  readonly left = <T>(values: readonly T[]): readonly T[] =>
    this.refused.size === 0 ? values : values.filter((_, row) => !this.refused.has(row));

  private refuse(row: number, name: string, text: string, type: string): void {
    const reason = `'${shortened(text, 60)}' in the column ${shortened(name, 60)} is no ${type}`;
    if (!this.refused.has(row)) this.refused.set(row, { line: this.reading.lineOf(row), reason });
  }
}

const loosely = (name: string): string => name.trim().toLowerCase();

/** A column by its name in the file; else by the one it got; else without regard to case and blanks. */
const columnNamed = (columns: readonly RawColumn[], wanted: string): RawColumn => {
  const found =
    columns.find(({ name, written = name }) => written === wanted) ??
    columns.find(({ name }) => name === wanted) ??
    columns.find(({ name }) => loosely(name) === loosely(wanted));
  if (found === undefined) throw new Unreadable(`types names the column ${shortened(wanted, 60)}, which is not there`);
  return found;
};

const wholeTexts: Decision = { type: 'VARCHAR', decidedBy: 'option', convert: (text) => text };

const convert = (column: RawColumn, { type, convert: made }: Decision): Cell[] => {
  const texts = type === 'VARCHAR' ? column.texts : withoutQuotedNulls(column);
  return texts.map((text) => (text === null ? null : made(text)));
};

const restOf = (column: RawColumn, { refused, left }: GivenTypes): RawColumn => {
  if (refused.size === 0) return column;
  const marks = column.texts.map((_, row) => column.quotedNulls?.has(row) === true);
  const quotedNulls = new Set(left(marks).flatMap((mark, row) => (mark ? [row] : [])));
  return { name: column.name, texts: left(column.texts), quotedNulls };
};

interface Settled {
  readonly column: TypedColumn;
  readonly warnings: readonly Warning[];
  readonly guesses: readonly string[];
}

const settledByOwner = (name: string, type: string, values: readonly Cell[]): Settled => ({
  column: { name, type, decidedBy: 'option', values },
  warnings: [],
  guesses: [],
});

const settledByValues = (column: RawColumn, decision: Decision): Settled => {
  const { name } = column;
  const { type, decidedBy, warning, guess } = decision;
  return {
    column: { name, type, decidedBy, values: convert(column, decision) },
    warnings: warning === undefined ? [] : [{ ...warning, column: name }],
    guesses: guess === undefined ? [] : [`${shortened(name, 100)}: ${guess}`],
  };
};

/**
 * Finds the type of each column without a given one, over all the rows that given types left.
 *
 * @throws Unreadable when `types` names a column that is not there, or an order of day and month is not clear
 */
export const typedColumns = (
  raw: readonly RawColumn[],
  lines: readonly number[],
  format: TextFormat,
  reading: Omit<Reading, 'lineOf'>,
  options: ReadOptions,
): TypedColumns => {
  const given = new GivenTypes(format, { ...reading, lineOf: (row) => lines[row] ?? 0 });
  for (const [name, type] of Object.entries(options.types ?? {})) {
    given.apply(columnNamed(raw, name), typeNamed(type) ?? 'VARCHAR');
  }
  const kept = given.left(lines);
  const keptReading = { ...reading, lineOf: (row: number) => kept[row] ?? 0 };
  const decide = (column: RawColumn): Decision =>
    options.all_text === true ? { ...wholeTexts, convert: format.scalar } : format.decide(column, keptReading);
  const settled = raw.map((column) => {
    const chosen = given.byColumn.get(column);
    if (chosen !== undefined) return settledByOwner(column.name, chosen.type, given.left(chosen.values));
    const rest = restOf(column, given);
    return settledByValues(rest, decide(rest));
  });
  return {
    columns: settled.map(({ column }) => column),
    rows: kept.length,
    refused: [...given.refused.values()],
    warnings: settled.flatMap(({ warnings }) => warnings),
    guesses: settled.flatMap(({ guesses }) => guesses),
  };
};
