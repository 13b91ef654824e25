// Charts, and the rows behind them.
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { ChartData, dataOutput, rowsOf } from '../data.js';
import { listOf, nameOf, Owner, Page, pageOutput } from '../lists.js';
import { supersetOf } from '../superset.js';
import { Id } from './dashboards.js';

const Summary = z.object({
  id: z.int(),
  slice_name: z.string().nullish(),
  viz_type: z.string().nullish(),
  datasource_id: z.int().nullish(),
  datasource_name_text: z.string().nullish(),
  dashboards: z.array(z.object({ id: z.int(), dashboard_title: z.string().nullish() })).nullish(),
  owners: z.array(Owner).nullish(),
  changed_on_utc: z.string().nullish(),
});

const list = defineTool({
  name: 'superset_chart_list',
  title: 'List charts',
  description: 'Charts of Superset, all or those of a dataset or of a dashboard, the last changed first.',
  flag: 'read',
  input: z.object({ ...Page, dataset_id: Id.optional(), dashboard_id: Id.optional() }),
  output: z.object({
    charts: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        kind: z.string().nullable(),
        dataset_id: z.int().nullable(),
        dataset: z.string().nullable(),
        dashboards: z.array(z.object({ id: z.int(), title: z.string() })),
        owners: z.array(z.string()),
        changed_at: z.string().nullable(),
      }),
    ),
    ...pageOutput,
  }),
  examples: [{ arguments: { dataset_id: 3 } }],
  run: async ({ search, limit, page, dataset_id: dataset, dashboard_id: dashboard }, call) => {
    const filters = [
      search === undefined ? undefined : { col: 'slice_name', opr: 'chart_all_text', value: search },
      dataset === undefined ? undefined : { col: 'datasource_id', opr: 'eq', value: dataset },
      dashboard === undefined ? undefined : { col: 'dashboards', opr: 'rel_m_m', value: dashboard },
    ];
    const asked = { page, limit, filters, order: 'changed_on_delta_humanized' };
    const { items, ...rest } = await listOf(supersetOf(call), 'chart', Summary, asked);
    const charts = items.map((row) => ({
      id: row.id,
      name: row.slice_name ?? '',
      kind: row.viz_type ?? null,
      dataset_id: row.datasource_id ?? null,
      dataset: row.datasource_name_text ?? null,
      dashboards: (row.dashboards ?? []).map(({ id, dashboard_title: title }) => ({ id, title: title ?? '' })),
      owners: (row.owners ?? []).map(nameOf),
      changed_at: row.changed_on_utc ?? null,
    }));
    return { charts, ...rest };
  },
});

const create = defineTool({
  name: 'superset_chart_create',
  title: 'Create a chart',
  description:
    'Creates a chart on a dataset. `params` are the form data of its kind, as Superset keeps them: for echarts_timeseries_bar for instance x_axis, metrics, groupby.',
  flag: 'write',
  input: z.object({
    name: z.string().min(1).max(250),
    dataset_id: Id,
    kind: z.string().min(1).max(250).describe('viz_type, like table, big_number_total, pie or echarts_timeseries_bar'),
    params: z.record(z.string(), z.unknown()).default({}),
    description: z.string().max(2_000).optional(),
    dashboards: z.array(Id).max(20).default([]).describe('Ids of dashboards that it belongs to'),
  }),
  output: z.object({ id: z.int(), url: z.string() }),
  examples: [
    {
      arguments: {
        name: 'Revenue by region',
        dataset_id: 3,
        kind: 'pie',
        params: { groupby: ['region'], metric: 'sum__amount' },
      },
    },
  ],
  run: async ({ name, dataset_id: dataset, kind, params, description, dashboards }, call) => {
    const superset = supersetOf(call);
    const body = {
      slice_name: name,
      viz_type: kind,
      datasource_id: dataset,
      datasource_type: 'table',
      params: JSON.stringify({ ...params, viz_type: kind, datasource: `${dataset}__table` }),
      dashboards,
      ...(description !== undefined && { description }),
    };
    const { id } = await superset.ask('chart/', z.object({ id: z.int() }), { method: 'POST', body });
    return { id, url: `${superset.url}/explore/?slice_id=${id}` };
  },
});

const data = defineTool({
  name: 'superset_chart_data_get',
  title: 'Rows of a chart',
  description: 'Runs a saved chart and returns its rows. A chart that was never saved with its query has none.',
  flag: 'read',
  timeLimitMs: 120_000,
  input: z.object({ id: Id, limit: z.int().min(1).max(10_000).default(1_000) }),
  output: z.object(dataOutput),
  examples: [{ arguments: { id: 4 } }],
  run: async ({ id, limit }, call) =>
    rowsOf(await supersetOf(call).ask(`chart/${id}/data/?format=json&type=full`, ChartData), limit),
});

export const chartTools = [list, create, data] as const;
