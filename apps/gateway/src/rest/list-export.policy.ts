// Which file a request for a list asks for, and how its lines are written.
import type { ExportFormat } from '@pulser/contracts';
import { z } from 'zod';

const accepted: Readonly<Record<string, ExportFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
};

/** The format of an Accept header, by what it names first; undefined: JSON. */
export const acceptedFormat = (accept: string | undefined): ExportFormat | undefined => {
  const first = accept?.split(',', 1)[0]?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return Object.hasOwn(accepted, first) ? accepted[first] : undefined;
};

/** A column of a CSV file: a member of a row, or of an object in it. */
export interface Column {
  readonly name: string;
  readonly path: readonly string[];
}

const withoutNull = (schema: unknown): unknown =>
  schema instanceof z.ZodNullable || schema instanceof z.ZodOptional ? withoutNull(schema.unwrap()) : schema;

/** Left out of CSV: they follow from the ids. */
const links = 'links';

/** The columns of rows of a schema, in its order: members of objects have names with dots. */
export const columnsOf = (row: z.ZodObject, before: readonly string[] = []): Column[] =>
  Object.entries(row.shape).flatMap(([name, member]) => {
    if (name === links) return [];
    const path = [...before, name];
    const inner = withoutNull(member);
    return inner instanceof z.ZodObject ? columnsOf(inner, path) : [{ name: path.join('.'), path }];
  });

const valueAt = (row: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    row,
  );

// https://owasp.org/www-community/attacks/CSV_Injection: what programs for tables take for a formula, also in full width.
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return formula.test(text) ? `'${text}` : text;
};

/** A field (RFC 4180). A text that could be taken for a formula gets an apostrophe in front; numbers stay as they are. */
export const csvField = (value: unknown): string => {
  const text = textOf(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** How the lines of a file are written. */
export interface ListWriter {
  readonly mediaType: string;
  readonly head: string;
  readonly row: (row: object) => string;
  /** The last line of a file that is not whole. */
  readonly cutOff: (cursor: string) => string;
}

const csv = (row: z.ZodObject): ListWriter => {
  const columns = columnsOf(row);
  const line = (fields: readonly unknown[]): string => `${fields.map(csvField).join(',')}\r\n`;
  return {
    mediaType: 'text/csv; charset=utf-8; header=present',
    head: line(columns.map(({ name }) => name)),
    row: (one) => line(columns.map(({ path }) => valueAt(one, path))),
    cutOff: (cursor) => line([`# There are more: go on with ${cursor}`]),
  };
};

const ndjson: ListWriter = {
  mediaType: 'application/x-ndjson',
  head: '',
  row: (one) => `${JSON.stringify(one)}\n`,
  cutOff: (cursor) => `${JSON.stringify({ more: cursor })}\n`,
};

/** @param row schema of the rows */
export const writerOf = (format: ExportFormat, row: z.ZodObject): ListWriter => (format === 'csv' ? csv(row) : ndjson);
