// Queries that a caller writes, and functions that the operator allows.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { withDatabase } from '../connection.js';
import { checkQuery } from '../query-text.js';
import { cursorOver, functionCall } from '../statements.js';

const typeNames = 'select oid, format_type(oid, null) as type from pg_type where oid = any ($1)';

const query = defineTool({
  name: 'supabase_query_run',
  title: 'Run a query',
  description:
    'Runs one SELECT in a read-only transaction and returns its rows. Values go into parameters ($1, $2). Rows and time are limited.',
  flag: 'read',
  timeLimitMs: 90_000,
  input: z.object({
    sql: z.string().min(1).max(50_000).describe('One SELECT, VALUES, TABLE or WITH'),
    parameters: z
      .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .max(100)
      .default([]),
    limit: z.int().min(1).max(5_000).default(200).describe('Rows at most'),
    timeout_s: z.number().min(0.1).max(60).default(10),
  }),
  output: z.object({
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.unknown())),
    truncated: z.boolean().describe('Whether there are more rows'),
  }),
  examples: [
    {
      arguments: { sql: 'select region, sum(amount) from orders where year = $1 group by region', parameters: [2026] },
    },
  ],
  run: ({ sql, parameters, limit, timeout_s: seconds }, call) =>
    withDatabase(
      call,
      'read only',
      async (client, isPulsers) => {
        if (isPulsers) await checkQuery(client, sql);
        // With parameters, even none, it goes through the protocol that takes one statement only.
        await client.query({ text: cursorOver(sql), values: parameters, queryMode: 'extended' } as { text: string });
        const fetched = { text: `fetch ${limit + 1} from pulser_rows`, rowMode: 'array' as const };
        const { fields, rows } = await client.query<unknown[]>(fetched);
        const types = await client.query<{ oid: number; type: string }>(typeNames, [
          fields.map(({ dataTypeID }) => dataTypeID),
        ]);
        const nameOf = new Map(types.rows.map(({ oid, type }) => [oid, type]));
        return {
          columns: fields.map(({ name, dataTypeID }) => ({ name, type: nameOf.get(dataTypeID) ?? 'unknown' })),
          rows: rows.slice(0, limit),
          truncated: rows.length > limit,
        };
      },
      { statementMs: seconds * 1_000 },
    ),
});

const FunctionName = z.string().regex(/^([a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/);

const withSchema = (name: string): { readonly schema: string; readonly name: string } => {
  const [first = name, second] = name.split('.');
  return second === undefined ? { schema: 'public', name: first } : { schema: first, name: second };
};

const isAllowed = (name: string, list: string): boolean => {
  const wanted = withSchema(name);
  const allowed = list.split(',').map((entry) => withSchema(entry.trim()));
  return allowed.some((entry) => entry.schema === wanted.schema && entry.name === wanted.name);
};

const maxRows = 1_000;

const rpc = defineTool({
  name: 'supabase_rpc_call',
  title: 'Call a database function',
  description:
    'Calls a function of the database with arguments by name. Only the functions that SUPABASE_FUNCTIONS lists can be called.',
  flag: 'destructive',
  input: z.object({
    function: FunctionName.describe('Like close_month, or billing.close_month'),
    arguments: z.record(z.string().regex(/^[a-z_][a-z0-9_]*$/), z.unknown()).default({}),
  }),
  output: z.object({ rows: z.array(z.record(z.string(), z.unknown())), truncated: z.boolean().default(false) }),
  examples: [{ arguments: { function: 'close_month', arguments: { month: '2026-10-01' } } }],
  run: ({ function: name, arguments: args }, call) => {
    if (!isAllowed(name, call.required('SUPABASE_FUNCTIONS')))
      throw new ToolError('refused', `${name} is not one of SUPABASE_FUNCTIONS`);
    return withDatabase(call, 'read write', async (client) => {
      const { text, values } = functionCall(withSchema(name), args, maxRows + 1);
      const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
      return { rows: rows.slice(0, maxRows), truncated: rows.length > maxRows };
    });
  },
});

export const queryTools = [query, rpc] as const;
