// Rows of one table: inserted, updated and deleted, never more of them than the caller expects.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { Client } from 'pg';
import { z } from 'zod';

import { withDatabase } from '../connection.js';
import { deletion, Filter, insertion, Name, Row, Schema, type Statement, updating } from '../statements.js';

const Filters = z.array(Filter).min(1).max(20).describe('All must hold; without one every row would be changed');
const MaxRows = z.int().min(1).max(10_000).default(100).describe('When more rows would be changed, none is');

const sameColumns = (rows: readonly Readonly<Record<string, unknown>>[]): boolean =>
  new Set(rows.map((row) => Object.keys(row).toSorted().join('\n'))).size === 1;

const insert = defineTool({
  name: 'supabase_row_insert',
  title: 'Insert rows',
  description: 'Inserts rows into a table, all or none. Columns that are not given get their defaults.',
  flag: 'write',
  input: z.object({
    schema: Schema,
    table: Name,
    rows: z
      .array(Row.refine((row) => Object.keys(row).length > 0, 'A row needs a column'))
      .min(1)
      .max(1_000)
      .describe('All with the same columns'),
  }),
  output: z.object({
    inserted: z.int(),
    rows: z.array(z.record(z.string(), z.unknown())).describe('As they are in the table'),
    truncated: z.boolean().default(false),
  }),
  examples: [{ arguments: { table: 'orders', rows: [{ region: 'North', amount: 12.5 }] } }],
  run: ({ schema, table, rows }, call) => {
    if (!sameColumns(rows)) throw new ToolError('invalid_args', 'All rows must have the same columns');
    return withDatabase(call, 'read write', async (client) => {
      const { text, values } = insertion({ schema, table }, rows);
      const inserted = (await client.query<Record<string, unknown>>(text, [...values])).rows;
      return { inserted: inserted.length, rows: inserted };
    });
  },
});

/** @throws ToolError conflict, so that nothing is changed */
const changed = async (client: Client, { text, values }: Statement, maxRows: number): Promise<number> => {
  const { rowCount } = await client.query(text, [...values]);
  const rows = rowCount ?? 0;
  if (rows > maxRows)
    throw new ToolError('conflict', `${rows} rows match, more than max_rows (${maxRows}): none was changed`);
  return rows;
};

const update = defineTool({
  name: 'supabase_row_update',
  title: 'Update rows',
  description:
    'Overwrites columns of the rows that match the filters, when they are not more than max_rows; otherwise of none.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({
    schema: Schema,
    table: Name,
    set: Row.refine((row) => Object.keys(row).length > 0, 'At least one column'),
    filters: Filters,
    max_rows: MaxRows,
  }),
  output: z.object({ updated: z.int() }),
  examples: [
    {
      arguments: {
        table: 'orders',
        set: { region: 'South' },
        filters: [{ column: 'id', op: 'eq', value: 7 }],
        max_rows: 1,
      },
    },
  ],
  run: ({ schema, table, set, filters, max_rows: maxRows }, call) =>
    withDatabase(call, 'read write', async (client) => ({
      updated: await changed(client, updating({ schema, table }, set, filters), maxRows),
    })),
});

const remove = defineTool({
  name: 'supabase_row_delete',
  title: 'Delete rows',
  description: 'Deletes the rows that match the filters, when they are not more than max_rows; otherwise none.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({ schema: Schema, table: Name, filters: Filters, max_rows: MaxRows }),
  output: z.object({ deleted: z.int() }),
  examples: [{ arguments: { table: 'orders', filters: [{ column: 'id', op: 'in', value: [7, 8] }] } }],
  run: ({ schema, table, filters, max_rows: maxRows }, call) =>
    withDatabase(call, 'read write', async (client) => ({
      deleted: await changed(client, deletion({ schema, table }, filters), maxRows),
    })),
});

export const rowTools = [insert, update, remove] as const;
