// What the operations `diff` and `profile` answer, as far as the page shows it. Their schemas belong to the agent: a result of
// another shape is undefined here, and shown as JSON.

type Row = Readonly<Record<string, unknown>>;

interface NamedType {
  readonly name: string;
  readonly type: string;
}

export interface Diff {
  readonly from: string;
  readonly to: string;
  readonly rows_from: number;
  readonly rows_to: number;
  readonly added: number;
  readonly removed: number;
  /** Null without a key. */
  readonly changed: number | null;
  readonly unchanged: number;
  readonly columns_added: readonly NamedType[];
  readonly columns_removed: readonly NamedType[];
  readonly columns_retyped: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  readonly changes_by_column: Readonly<Record<string, number>>;
  readonly samples: {
    readonly added: readonly Row[];
    readonly removed: readonly Row[];
    readonly changed: readonly {
      readonly key: Row;
      readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
    }[];
  };
  /** The file with every difference. */
  readonly differences: string | null;
}

export interface ColumnProfile extends NamedType {
  readonly nulls: number;
  readonly distinct: number | null;
  readonly min: unknown;
  readonly max: unknown;
  readonly mean?: unknown;
  readonly top: readonly { readonly value: unknown; readonly rows: number }[];
}

export interface Profile {
  readonly dataset: string;
  readonly rows: number;
  /** False: distinct values and quantiles are estimates. */
  readonly exact: boolean;
  readonly duplicate_rows: number;
  readonly key_candidates: readonly string[];
  readonly columns: readonly ColumnProfile[];
  readonly columns_left_out: number;
  readonly findings: readonly {
    readonly column: string;
    readonly code: string;
    readonly rows: number;
    readonly message: string;
  }[];
}

const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isListOf = (value: unknown, each: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(each);
const isNamed = (value: unknown): boolean => isObject(value) && isText(value['name']) && isText(value['type']);
const areNumbers = (value: Row, names: readonly string[]): boolean => names.every((name) => isNumber(value[name]));

const isRetyped = (value: unknown): boolean =>
  isObject(value) && isText(value['name']) && isText(value['from']) && isText(value['to']);

const isChange = (value: unknown): boolean =>
  isObject(value) &&
  isObject(value['key']) &&
  isObject(value['changes']) &&
  Object.values(value['changes']).every((one) => isObject(one) && 'from' in one && 'to' in one);

const hasSamples = (value: unknown): boolean =>
  isObject(value) &&
  isListOf(value['added'], isObject) &&
  isListOf(value['removed'], isObject) &&
  isListOf(value['changed'], isChange);

const isDiff = (value: Row): boolean =>
  isText(value['from']) &&
  isText(value['to']) &&
  areNumbers(value, ['rows_from', 'rows_to', 'added', 'removed', 'unchanged']) &&
  (value['changed'] === null || isNumber(value['changed'])) &&
  isListOf(value['columns_added'], isNamed) &&
  isListOf(value['columns_removed'], isNamed) &&
  isListOf(value['columns_retyped'], isRetyped) &&
  isObject(value['changes_by_column']) &&
  Object.values(value['changes_by_column']).every(isNumber) &&
  hasSamples(value['samples']) &&
  (value['differences'] === null || isText(value['differences']));

/** The result of `diff`; undefined when it is none. */
export const diffOf = (result: unknown): Diff | undefined =>
  isObject(result) && isDiff(result) ? (result as unknown as Diff) : undefined;

const isTop = (value: unknown): boolean => isObject(value) && 'value' in value && isNumber(value['rows']);

const isColumn = (value: unknown): boolean =>
  isNamed(value) &&
  isObject(value) &&
  isNumber(value['nulls']) &&
  (value['distinct'] === null || isNumber(value['distinct'])) &&
  isListOf(value['top'], isTop);

const isFinding = (value: unknown): boolean =>
  isObject(value) && ['column', 'code', 'message'].every((name) => isText(value[name])) && isNumber(value['rows']);

const isProfile = (value: Row): boolean =>
  isText(value['dataset']) &&
  areNumbers(value, ['rows', 'duplicate_rows', 'columns_left_out']) &&
  typeof value['exact'] === 'boolean' &&
  isListOf(value['key_candidates'], isText) &&
  isListOf(value['columns'], isColumn) &&
  isListOf(value['findings'], isFinding);

/** The result of `profile`; undefined when it is none. */
export const profileOf = (result: unknown): Profile | undefined =>
  isObject(result) && isProfile(result) ? (result as unknown as Profile) : undefined;

const encode = (name: string): string => name.replaceAll('%', '%25').replaceAll(',', '%2C');
const decode = (name: string): string => name.replaceAll('%2C', ',').replaceAll('%25', '%');

/** Names of columns as one text of an address. */
export const keyText = (columns: readonly string[]): string | undefined =>
  columns.length === 0 ? undefined : columns.map(encode).join(',');

export const keyOf = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : text.split(',').map(decode);
