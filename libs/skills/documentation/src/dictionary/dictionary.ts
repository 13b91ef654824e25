// Tables as a dictionary describes them: what was given, what a dataset says of itself, and what its rows show.
import type { DatasetFacts } from '@pulser/agent-runtime/skill';

import type { TableInput } from './data-dictionary-contract.js';

/** What the rows of a dataset show of a column. */
export interface Measured {
  readonly nulls: number;
  /** Without null; undefined: not counted for this type. */
  readonly distinct: number | undefined;
  readonly distinctIsExact: boolean;
  /** Smallest and largest, as text; undefined: not shown. */
  readonly range: readonly [string, string] | undefined;
}

export interface Column {
  readonly name: string;
  readonly type: string | undefined;
  /** As declared; undefined: not known. */
  readonly nullable: boolean | undefined;
  readonly unique: boolean | undefined;
  readonly description: string | undefined;
  readonly facts: readonly string[];
  readonly examples: readonly string[];
  readonly measured: Measured | undefined;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly referenced: readonly string[];
  /** Rows that show it; undefined: it is declared. */
  readonly observed: number | undefined;
}

export interface Table {
  readonly name: string;
  readonly reference: string | undefined;
  readonly description: string | undefined;
  readonly rows: number | undefined;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[] | undefined;
  readonly foreignKeys: readonly ForeignKey[];
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A table of the payload. Primary keys without columns to refer to are those of the table that is referred to. */
export const givenTable = (table: TableInput, all: readonly TableInput[]): Table => ({
  name: table.name,
  reference: undefined,
  description: table.description,
  rows: table.rows,
  primaryKey: table.primary_key,
  columns: table.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: table.primary_key?.includes(column.name) === true ? false : column.nullable,
    unique: table.primary_key?.length === 1 && table.primary_key[0] === column.name ? true : column.unique,
    description: column.description,
    facts: [
      ...(column.default === undefined ? [] : [`default ${valueText(column.default)}`]),
      ...(column.values === undefined ? [] : [`one of ${column.values.map(valueText).join(', ')}`]),
    ],
    examples: (column.examples ?? []).map(valueText),
    measured: undefined,
  })),
  foreignKeys: (table.foreign_keys ?? []).map((key) => ({
    columns: key.columns,
    table: key.table,
    referenced: key.referenced_columns ?? all.find(({ name }) => name === key.table)?.primary_key ?? [],
    observed: undefined,
  })),
});

/** A dataset before its rows are looked at: of nulls and keys nothing is known. */
export const datasetTable = (facts: DatasetFacts, about: Readonly<Record<string, string>>): Table => {
  const words = (key: string): string | undefined => (Object.hasOwn(about, key) ? about[key] : undefined);
  return {
    name: facts.name,
    reference: `dataset:${facts.name}@${facts.version}`,
    description: words(facts.name),
    rows: facts.rows,
    primaryKey: undefined,
    foreignKeys: [],
    columns: facts.columns.map(({ name, type }) => ({
      name,
      type,
      nullable: undefined,
      unique: undefined,
      description: words(`${facts.name}.${name}`),
      facts: [],
      examples: [],
      measured: undefined,
    })),
  };
};

/** Whether the rows that are there have no null and no value twice in a column. */
export const isUniqueInData = ({ measured }: Column, rows: number | undefined): boolean =>
  measured !== undefined &&
  rows !== undefined &&
  rows > 0 &&
  measured.nulls === 0 &&
  measured.distinctIsExact &&
  measured.distinct === rows;

/** Problems of a given schema: names that are not there, or there twice. */
export const faultsOf = (tables: readonly TableInput[]): string[] => {
  const names = tables.map(({ name }) => name);
  const twice = names
    .filter((name, at) => names.indexOf(name) !== at)
    .map((name) => `The table ${name} is there twice`);
  return [...twice, ...tables.flatMap((table) => tableFaults(table, tables))];
};

const tableFaults = (table: TableInput, all: readonly TableInput[]): string[] => {
  const columns = new Set(table.columns.map(({ name }) => name));
  const missing = (names: readonly string[], what: string): string[] =>
    names
      .filter((name) => !columns.has(name))
      .map((name) => `${what} of ${table.name} names the column ${name}, which it does not have`);
  const keys = (table.foreign_keys ?? []).flatMap((key) => {
    const target = all.find(({ name }) => name === key.table);
    const there = new Set(target?.columns.map(({ name }) => name));
    const lost = (key.referenced_columns ?? []).filter((name) => target !== undefined && !there.has(name));
    return [
      ...missing(key.columns, 'A foreign key'),
      ...lost.map((name) => `A foreign key of ${table.name} refers to ${key.table}.${name}, which is not there`),
    ];
  });
  const twice = columns.size < table.columns.length ? [`The table ${table.name} has a column twice`] : [];
  return [...twice, ...missing(table.primary_key ?? [], 'The primary key'), ...keys];
};
