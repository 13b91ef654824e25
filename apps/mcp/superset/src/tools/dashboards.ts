// Dashboards: found, read, made of charts, and rendered.
import { setTimeout as pause } from 'node:timers/promises';

import { defineTool, type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { layoutOf } from '../layout.policy.js';
import { listOf, nameOf, Owner, Page, pageOutput } from '../lists.js';
import { type Superset, supersetOf } from '../superset.js';

export const Id = z.int().positive();

const Summary = z.object({
  id: z.int(),
  dashboard_title: z.string().nullish(),
  slug: z.string().nullish(),
  published: z.boolean().nullish(),
  owners: z.array(Owner).nullish(),
  changed_on_utc: z.string().nullish(),
  url: z.string().nullish(),
});

const Listed = z.object({
  id: z.int(),
  title: z.string(),
  slug: z.string().nullable(),
  published: z.boolean(),
  owners: z.array(z.string()),
  changed_at: z.string().nullable(),
  url: z.string().nullable(),
});

const viewOf = (superset: Superset, row: z.output<typeof Summary>): z.output<typeof Listed> => ({
  id: row.id,
  title: row.dashboard_title ?? '',
  slug: row.slug ?? null,
  published: row.published ?? false,
  owners: (row.owners ?? []).map(nameOf),
  changed_at: row.changed_on_utc ?? null,
  url: row.url === null || row.url === undefined ? null : new URL(row.url, superset.url).href,
});

const list = defineTool({
  name: 'superset_dashboard_list',
  title: 'List dashboards',
  description: 'Dashboards of Superset with their owners and last change, the last changed first.',
  flag: 'read',
  input: z.object(Page),
  output: z.object({ dashboards: z.array(Listed), ...pageOutput }),
  examples: [{ arguments: { search: 'sales' } }],
  run: async ({ search, limit, page }, call) => {
    const superset = supersetOf(call);
    const filters = [
      search === undefined ? undefined : { col: 'dashboard_title', opr: 'title_or_slug', value: search },
    ];
    const { items, ...rest } = await listOf(superset, 'dashboard', Summary, {
      page,
      limit,
      filters,
      order: 'changed_on_delta_humanized',
    });
    return { dashboards: items.map((row) => viewOf(superset, row)), ...rest };
  },
});

const results = <Shape extends z.ZodType>(shape: Shape) => z.object({ result: shape });

const Chart = z.object({
  id: z.int(),
  slice_name: z.string().nullish(),
  form_data: z.looseObject({ viz_type: z.string().nullish() }).nullish(),
});
const Dataset = z.object({ id: z.int(), table_name: z.string().nullish() });
const Metadata = z.looseObject({
  native_filter_configuration: z
    .array(z.looseObject({ id: z.string().nullish(), name: z.string().nullish(), filterType: z.string().nullish() }))
    .nullish(),
});

/** Native filters stand in a text of JSON, which may be empty or old. */
const filtersIn = (metadata: string | null | undefined): { name: string; kind: string }[] => {
  try {
    const { native_filter_configuration: filters } = Metadata.parse(JSON.parse(metadata ?? ''));
    return (filters ?? []).map(({ id, name, filterType }) => ({
      name: name ?? id ?? '',
      kind: filterType ?? 'unknown',
    }));
  } catch {
    return [];
  }
};

const get = defineTool({
  name: 'superset_dashboard_get',
  title: 'A dashboard',
  description: 'One dashboard of Superset with its charts, datasets and filters.',
  flag: 'read',
  input: z.object({ id: Id }),
  output: z.object({
    dashboard: Listed,
    charts: z.array(z.object({ id: z.int(), name: z.string(), kind: z.string().nullable() })),
    datasets: z.array(z.object({ id: z.int(), name: z.string() })),
    filters: z.array(z.object({ name: z.string(), kind: z.string() })),
  }),
  examples: [{ arguments: { id: 7 } }],
  run: async ({ id }, call) => {
    const superset = supersetOf(call);
    const Full = Summary.extend({ json_metadata: z.string().nullish() });
    // First alone: of a dashboard that is not there nothing else is asked, and one log-in serves all.
    const { result: dashboard } = await superset.ask(`dashboard/${id}`, results(Full));
    const [charts, datasets] = await Promise.all([
      superset.ask(`dashboard/${id}/charts`, results(z.array(Chart))),
      superset.ask(`dashboard/${id}/datasets`, results(z.array(Dataset))),
    ]);
    return {
      dashboard: viewOf(superset, dashboard),
      charts: charts.result.map((chart) => ({
        id: chart.id,
        name: chart.slice_name ?? '',
        kind: chart.form_data?.viz_type ?? null,
      })),
      datasets: datasets.result.map((dataset) => ({ id: dataset.id, name: dataset.table_name ?? '' })),
      filters: filtersIn(dashboard.json_metadata),
    };
  },
});

const Created = z.object({ id: z.int() });
const Anything = z.unknown();

/** Charts are attached by the layout, in an update: Superset looks at it there alone. A dashboard without them is removed again. */
const attach = async (superset: Superset, id: number, positions: object): Promise<void> => {
  try {
    const body = { json_metadata: JSON.stringify({ positions }) };
    await superset.ask(`dashboard/${id}`, Anything, { method: 'PUT', body });
  } catch (error) {
    await superset.ask(`dashboard/${id}`, Anything, { method: 'DELETE' });
    throw error;
  }
};

const create = defineTool({
  name: 'superset_dashboard_create',
  title: 'Create a dashboard',
  description: 'Creates a dashboard from charts that are there, in rows of a given number of columns.',
  flag: 'write',
  input: z.object({
    title: z.string().min(1).max(500),
    slug: z
      .string()
      .regex(/^[a-z0-9-]{1,255}$/)
      .optional(),
    charts: z.array(Id).min(1).max(50).describe('Ids of charts, in the order in which they are shown'),
    columns: z.int().min(1).max(4).default(2).describe('Charts in a row'),
    published: z.boolean().default(false),
  }),
  output: z.object({ id: z.int(), url: z.string() }),
  examples: [{ arguments: { title: 'Sales of November', charts: [4, 9] } }],
  run: async ({ title, slug, charts, columns, published }, call) => {
    const superset = supersetOf(call);
    const known = await Promise.all(
      charts.map((id) =>
        superset.ask(`chart/${id}`, results(z.object({ id: z.int(), slice_name: z.string().nullish() }))),
      ),
    );
    const positions = layoutOf(
      title,
      known.map(({ result }) => ({ id: result.id, name: result.slice_name ?? '' })),
      columns,
    );
    const body = { dashboard_title: title, published, ...(slug !== undefined && { slug }) };
    const { id } = await superset.ask('dashboard/', Created, { method: 'POST', body });
    await attach(superset, id, positions);
    return { id, url: `${superset.url}/superset/dashboard/${slug ?? id}/` };
  },
});

const mediaTypes = { pdf: 'application/pdf', png: 'image/png' } as const;

const firstPauseMs = 250;
const longestPauseMs = 5_000;

const rendered = async (superset: Superset, path: string, call: ToolCallContext): Promise<Buffer> => {
  for (let tries = 0; ; tries += 1) {
    const bytes = await superset.bytes(path);
    if (bytes !== undefined) return bytes;
    call.progress(tries);
    await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** tries), undefined, { signal: call.signal });
  }
};

const screenshot = z.object({ cache_key: z.string() });

const exported = defineTool({
  name: 'superset_dashboard_export',
  title: 'Render a dashboard',
  description:
    'Renders a dashboard to a PDF or a PNG, which comes as base64. Superset needs its features THUMBNAILS and ENABLE_DASHBOARD_SCREENSHOT_ENDPOINTS and a browser for it.',
  flag: 'read',
  timeLimitMs: 180_000,
  input: z.object({ id: Id, format: z.enum(['pdf', 'png']).default('pdf') }),
  output: z.object({ media_type: z.string(), bytes: z.int(), base64: z.string() }),
  examples: [{ arguments: { id: 7, format: 'png' } }],
  run: async ({ id, format }, call) => {
    const superset = supersetOf(call);
    const body = { dataMask: {}, activeTabs: [], anchor: '', urlParams: [] };
    const { cache_key: key } = await superset.ask(`dashboard/${id}/cache_dashboard_screenshot/`, screenshot, {
      method: 'POST',
      body,
    });
    const path = `dashboard/${id}/screenshot/${encodeURIComponent(key)}/?download_format=${format}`;
    const file = await rendered(superset, path, call);
    if (file.length === 0) throw new ToolError('upstream_error', 'Superset rendered an empty file');
    return { media_type: mediaTypes[format], bytes: file.length, base64: file.toString('base64') };
  },
});

export const dashboardTools = [list, get, create, exported] as const;
