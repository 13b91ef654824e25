// What Odoo is and what its models are made of.
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { askOdoo, type Dialect, dialects, type Odoo, odooOf } from '../odoo.js';
import { Domain, Model } from './records.js';

const status = defineTool({
  name: 'get_odoo_status',
  title: 'State of Odoo',
  description: 'Version of Odoo, its database and the dialect of its API, and how long it takes to answer.',
  flag: 'read',
  input: z.object({}),
  output: z.object({
    version: z.string(),
    database: z.string(),
    dialect: z.enum(dialects),
    user_id: z.int().describe('The user whose key is used'),
    latency_ms: z.number().describe('Of one call with this key'),
  }),
  examples: [{ arguments: {} }],
  run: async (_, call) => {
    const odoo = await odooOf(call);
    const startedAt = performance.now();
    // A call with the key, not only its remembered user: what is asked is whether it works now.
    await askOdoo(odoo, z.int(), { model: 'res.users', method: 'search_count', args: { domain: [] } });
    const latency = Math.round(performance.now() - startedAt);
    const { version, database, dialect } = odoo;
    return { version, database, dialect, user_id: await odoo.user(), latency_ms: latency };
  },
});

const attributes = ['string', 'type', 'relation', 'required', 'readonly', 'help', 'selection', 'store'] as const;

const FieldInfo = z.object({
  type: z.string(),
  string: z.string().optional(),
  relation: z.string().optional(),
  required: z.boolean().optional(),
  readonly: z.boolean().optional(),
  store: z.boolean().optional(),
  // Odoo has false for none.
  help: z.union([z.string(), z.literal(false)]).optional(),
  selection: z.array(z.tuple([z.unknown(), z.string()])).optional(),
});

const describe = defineTool({
  name: 'odoo_model_describe',
  title: 'Fields of a model of Odoo',
  description: 'Fields of a model with their types, relations and choices, as the user of the key sees them.',
  flag: 'read',
  input: z.object({ model: Model, fields: z.array(z.string()).max(200).optional().describe('Only these') }),
  output: z.object({
    fields: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        label: z.string().nullable(),
        relation: z.string().nullable().describe('The model that it leads to'),
        required: z.boolean(),
        readonly: z.boolean(),
        stored: z.boolean().describe('Whether it can be searched and grouped by'),
        choices: z.array(z.string()).nullable().describe('Values of a selection'),
        help: z.string().nullable(),
      }),
    ),
    truncated: z.boolean().default(false),
  }),
  examples: [{ arguments: { model: 'sale.order' } }],
  run: async ({ model, fields = [] }, call) => {
    const args = { allfields: fields, attributes };
    const found = await askOdoo(await odooOf(call), z.record(z.string(), FieldInfo), {
      model,
      method: 'fields_get',
      args,
    });
    return {
      fields: Object.entries(found).map(([name, field]) => ({
        name,
        type: field.type,
        label: field.string ?? null,
        relation: field.relation ?? null,
        required: field.required ?? false,
        readonly: field.readonly ?? false,
        stored: field.store ?? true,
        choices: field.selection?.map(([value]) => String(value)) ?? null,
        help: field.help === undefined || field.help === false ? null : field.help,
      })),
    };
  },
});

const Grouping = z.string().regex(/^[a-z_][a-z0-9_]*(:(day|week|month|quarter|year))?$/, 'a field, a date with :month');
const Aggregate = z
  .string()
  .regex(
    /^([a-z_][a-z0-9_]*:(sum|avg|min|max|count|count_distinct|bool_and|bool_or)|__count)$/,
    'a field with :sum, or __count',
  );

interface Aggregation {
  readonly model: string;
  readonly domain: readonly unknown[];
  readonly groupings: readonly string[];
  readonly aggregates: readonly string[];
  readonly limit: number;
  readonly offset: number;
  readonly order: string | undefined;
}

const Rows = z.array(z.record(z.string(), z.unknown()));

const askGroups: Record<Dialect, (odoo: Odoo, asked: Aggregation) => Promise<z.output<typeof Rows>>> = {
  'json-2': (odoo, { model, domain, groupings, aggregates, limit, offset, order }) =>
    askOdoo(odoo, Rows, {
      model,
      method: 'formatted_read_group',
      args: { domain, groupby: groupings, aggregates, offset, limit, ...(order !== undefined && { order }) },
    }),
  'json-rpc': (odoo, { model, domain, groupings, aggregates, limit, offset, order }) =>
    askOdoo(odoo, Rows, {
      model,
      method: 'read_group',
      args: {
        domain,
        fields: aggregates.filter((aggregate) => aggregate !== '__count'),
        groupby: groupings,
        ...{ offset, limit, lazy: false },
        ...(order !== undefined && { orderby: order }),
      },
    }),
};

// `amount_total:sum` is named `amount_total` by JSON-RPC.
const valueOf = (row: Readonly<Record<string, unknown>>, name: string): unknown =>
  row[name] ?? row[name.split(':')[0] ?? name] ?? null;

const aggregate = defineTool({
  name: 'odoo_record_aggregate',
  title: 'Sums and counts of records of Odoo',
  description:
    'Groups the records of a model that match a domain and aggregates fields of each group: sums, averages, least and largest values, counts.',
  flag: 'read',
  input: z.object({
    model: Model,
    domain: Domain,
    group_by: z
      .array(Grouping)
      .max(5)
      .default([])
      .describe('Like partner_id or date_order:month; none: one group of all'),
    aggregates: z.array(Aggregate).min(1).max(20).describe('Like amount_total:sum, or __count'),
    order: z.string().max(200).optional(),
    limit: z.int().min(1).max(500).default(100),
    offset: z.int().min(0).default(0),
  }),
  output: z.object({
    groups: z.array(
      z.object({
        by: z.record(z.string(), z.unknown()).describe('Value of each grouping; of a relation its id and name'),
        values: z.record(z.string(), z.unknown()),
      }),
    ),
    next_offset: z.int().nullable(),
    truncated: z.boolean().default(false),
  }),
  examples: [
    {
      arguments: {
        model: 'sale.order',
        domain: [['state', '=', 'sale']],
        group_by: ['date_order:month'],
        aggregates: ['amount_total:sum', '__count'],
      },
    },
  ],
  run: async ({ model, domain, group_by: groupings, aggregates, order, limit, offset }, call) => {
    const odoo = await odooOf(call);
    const asked = { model, domain, groupings, aggregates, limit: limit + 1, offset, order };
    const rows = await askGroups[odoo.dialect](odoo, asked);
    const named = (row: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> =>
      Object.fromEntries(names.map((name) => [name, valueOf(row, name)]));
    return {
      groups: rows.slice(0, limit).map((row) => ({ by: named(row, groupings), values: named(row, aggregates) })),
      next_offset: rows.length > limit ? offset + limit : null,
    };
  },
});

export const modelTools = [status, describe, aggregate] as const;
