// Datasets, and questions to them.
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { ChartData, dataOutput, rowsOf } from '../data.js';
import { listOf, Page, pageOutput } from '../lists.js';
import { type Superset, supersetOf } from '../superset.js';
import { Id } from './dashboards.js';

const Summary = z.object({
  id: z.int(),
  table_name: z.string().nullish(),
  schema: z.string().nullish(),
  kind: z.string().nullish(),
  database: z.object({ database_name: z.string().nullish() }).nullish(),
});

const Details = z.object({
  result: z.object({
    columns: z.array(z.object({ column_name: z.string(), type: z.string().nullish(), is_dttm: z.boolean().nullish() })),
    metrics: z.array(z.object({ metric_name: z.string(), expression: z.string().nullish() })),
  }),
});

const Column = z.object({ name: z.string(), type: z.string().nullable(), is_time: z.boolean() });
const Metric = z.object({ name: z.string(), expression: z.string().nullable() });

const described = async (superset: Superset, row: z.output<typeof Summary>) => {
  const { result } = await superset.ask(`dataset/${row.id}`, Details);
  return {
    id: row.id,
    name: row.table_name ?? '',
    schema: row.schema ?? null,
    database: row.database?.database_name ?? null,
    kind: row.kind ?? null,
    columns: result.columns.map(({ column_name: name, type, is_dttm: isTime }) => ({
      name,
      type: type ?? null,
      is_time: isTime ?? false,
    })),
    metrics: result.metrics.map(({ metric_name: name, expression }) => ({ name, expression: expression ?? null })),
  };
};

const list = defineTool({
  name: 'superset_dataset_list',
  title: 'List datasets',
  description: 'Datasets of Superset with their columns and metrics.',
  flag: 'read',
  input: z.object({ ...Page, limit: z.int().min(1).max(25).default(10) }),
  output: z.object({
    datasets: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        schema: z.string().nullable(),
        database: z.string().nullable(),
        kind: z.string().nullable().describe('physical: a table; virtual: a query'),
        columns: z.array(Column),
        metrics: z.array(Metric),
      }),
    ),
    ...pageOutput,
  }),
  examples: [{ arguments: { search: 'orders' } }],
  run: async ({ search, limit, page }, call) => {
    const superset = supersetOf(call);
    const filters = [search === undefined ? undefined : { col: 'table_name', opr: 'ct', value: search }];
    const asked = { page, limit, filters, order: 'changed_on_delta_humanized' };
    const { items, ...rest } = await listOf(superset, 'dataset', Summary, asked);
    return { datasets: await Promise.all(items.map((row) => described(superset, row))), ...rest };
  },
});

const operators = [
  '==',
  '!=',
  '>',
  '<',
  '>=',
  '<=',
  'LIKE',
  'ILIKE',
  'IN',
  'NOT IN',
  'IS NULL',
  'IS NOT NULL',
  'TEMPORAL_RANGE',
] as const;

const query = defineTool({
  name: 'superset_dataset_query',
  title: 'Query a dataset',
  description:
    'Asks a dataset for metrics, grouped by columns and filtered. Names are those that superset_dataset_list shows.',
  flag: 'read',
  timeLimitMs: 120_000,
  input: z.object({
    dataset_id: Id,
    metrics: z.array(z.string().min(1).max(255)).max(20).default([]).describe('Names of saved metrics'),
    group_by: z.array(z.string().min(1).max(255)).max(20).default([]).describe('Names of columns'),
    filters: z
      .array(z.object({ column: z.string().min(1).max(255), op: z.enum(operators), value: z.unknown().optional() }))
      .max(20)
      .default([]),
    descending_by: z.string().max(255).optional().describe('A metric of the query'),
    limit: z.int().min(1).max(10_000).default(1_000),
  }),
  output: z.object(dataOutput),
  examples: [
    {
      arguments: {
        dataset_id: 3,
        metrics: ['sum__amount'],
        group_by: ['region'],
        filters: [{ column: 'ordered_at', op: 'TEMPORAL_RANGE', value: 'Last month' }],
      },
    },
  ],
  run: async ({ dataset_id: id, metrics, group_by: columns, filters, descending_by: by, limit }, call) => {
    const body = {
      datasource: { id, type: 'table' },
      queries: [
        {
          columns,
          // Without a metric the rows themselves are asked for.
          ...(metrics.length > 0 && { metrics }),
          filters: filters.map(({ column, op, value }) => ({
            col: column,
            op,
            ...(value !== undefined && { val: value }),
          })),
          orderby: by === undefined ? [] : [[by, false]],
          row_limit: limit + 1,
        },
      ],
      result_format: 'json',
      result_type: 'full',
    };
    return rowsOf(await supersetOf(call).ask('chart/data', ChartData, { method: 'POST', body }), limit);
  },
});

export const datasetTools = [list, query] as const;
