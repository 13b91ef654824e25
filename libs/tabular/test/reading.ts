import { readTable, type ReadOptions, type Table, Unreadable } from '../src/index.js';

type Format = 'csv' | 'json' | 'ndjson';

/** Reads a text or bytes as a source of the name `file`. */
export const reading = (content: string | Uint8Array, options: ReadOptions = {}, format: Format = 'csv'): Table =>
  readTable({ name: 'file', format, content, options });

/** The rows, with whole numbers as numbers. */
export const rowsOf = ({ columns, rows }: Table): unknown[][] =>
  Array.from({ length: rows }, (_, row) =>
    columns.map(({ values }) => {
      const value = values[row] ?? null;
      return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }),
  );

export const namesOf = ({ columns }: Table): string[] => columns.map(({ name }) => name);
export const typesOf = ({ columns }: Table): string[] => columns.map(({ type }) => type);
export const warningsOf = ({ report }: Table): string[] => report.warnings.map(({ code }) => code);

/** Why a file is not read. */
export const reasonFor = (content: string | Uint8Array, options: ReadOptions = {}, format: Format = 'csv'): string => {
  try {
    reading(content, options, format);
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
  throw new Error('It was read');
};
