import { impatientRules, testClient, type TestClient, withoutVariables } from '@pulser/mcp-server-kit/testing';
import { vendorFaults } from '@pulser/testing/vendor';

import { superset } from '../src/index.js';
import { account, type SupersetServer, supersetServer } from './superset-server.js';

describe('Superset', () => {
  let server: SupersetServer;
  let client: TestClient;
  let variables: Record<string, string>;

  const call = (tool: string, args: Record<string, unknown> = {}) =>
    client.call(`superset_${tool}`, args, { variables });

  const lastQuery = () => server.requests.at(-1)?.query.get('q');

  beforeAll(async () => {
    [server, client] = await Promise.all([supersetServer(), testClient(superset)]);
    variables = { SUPERSET_URL: server.url, SUPERSET_USERNAME: account.username, SUPERSET_PASSWORD: account.password };
  });

  afterAll(() => Promise.all([server.close(), client.close()]));

  it('lists dashboards page by page, with one log-in', async () => {
    const first = await call('dashboard_list', { search: "it's" });
    expect(lastQuery()).toBe(
      "(page:0,page_size:25,order_column:changed_on_delta_humanized,order_direction:desc,filters:!((col:dashboard_title,opr:title_or_slug,value:'it!'s')))",
    );
    expect(first.result).toMatchObject({ total: 30, next_page: 1 });
    expect((first.result?.['dashboards'] as object[])[0]).toEqual({
      id: 1,
      title: 'Dashboard 1',
      slug: null,
      published: true,
      owners: ['Ada Lovelace'],
      changed_at: '2026-11-29T12:00:00+0000',
      url: `${server.url}/superset/dashboard/1/`,
    });
    expect((await call('dashboard_list', { page: 1 })).result).toMatchObject({ total: 30, next_page: null });
    expect(server.state.logIns).toBe(1);
  });

  it('shows a dashboard with its charts, datasets and filters', async () => {
    expect((await call('dashboard_get', { id: 2 })).result).toMatchObject({
      dashboard: { id: 2, title: 'Dashboard 2' },
      charts: [
        { id: 4, name: 'Revenue', kind: 'pie' },
        { id: 9, name: 'Orders' },
      ],
      datasets: [{ id: 3, name: 'orders' }],
      filters: [{ name: 'Region', kind: 'filter_select' }],
    });
    expect((await call('dashboard_get', { id: 999 })).error?.code).toBe('not_found');
  });

  it('lists charts of a dataset and of a dashboard', async () => {
    const { result } = await call('chart_list', { dataset_id: 3, dashboard_id: 7 });
    expect(lastQuery()).toContain('filters:!((col:datasource_id,opr:eq,value:3),(col:dashboards,opr:rel_m_m,value:7))');
    expect(result?.['charts']).toMatchObject([
      { id: 4, name: 'Revenue', kind: 'pie', dataset_id: 3, dataset: 'public.orders' },
      { id: 9, name: 'Orders' },
    ]);
  });

  it('lists datasets with their columns and metrics', async () => {
    expect((await call('dataset_list')).result?.['datasets']).toEqual([
      {
        id: 3,
        name: 'orders',
        schema: 'public',
        database: 'shop',
        kind: 'physical',
        columns: [{ name: 'region', type: 'TEXT', is_time: false }],
        metrics: [{ name: 'sum__amount', expression: 'SUM(amount)' }],
      },
    ]);
  });

  it('returns the rows of a chart and of a question to a dataset', async () => {
    const whole = {
      columns: ['region', 'sum__amount'],
      rows: [
        ['North', 30],
        ['South', 25],
      ],
      truncated: false,
    };
    expect((await call('chart_data_get', { id: 4 })).result).toEqual(whole);
    expect((await call('chart_data_get', { id: 4, limit: 1 })).result).toMatchObject({
      rows: [['North', 30]],
      truncated: true,
    });
    expect((await call('chart_data_get', { id: 9 })).error).toMatchObject({
      code: 'invalid_args',
      message: 'Superset answered 400: Chart has no query context saved.',
    });
    const asked = {
      dataset_id: 3,
      metrics: ['sum__amount'],
      group_by: ['region'],
      filters: [{ column: 'region', op: 'IN', value: ['North', 'South'] }],
      descending_by: 'sum__amount',
      limit: 50,
    };
    expect((await call('dataset_query', asked)).result).toEqual(whole);
    expect(server.requests.at(-1)?.body).toMatchObject({
      datasource: { id: 3, type: 'table' },
      queries: [
        {
          columns: ['region'],
          metrics: ['sum__amount'],
          filters: [{ col: 'region', op: 'IN', val: ['North', 'South'] }],
          orderby: [['sum__amount', false]],
          row_limit: 51,
        },
      ],
    });
  });

  it('creates a chart', async () => {
    const { result } = await call('chart_create', {
      name: 'Revenue by region',
      dataset_id: 3,
      kind: 'pie',
      params: { groupby: ['region'] },
    });
    const chart = server.state.charts.at(-1);
    expect(result).toEqual({ id: chart?.id, url: `${server.url}/explore/?slice_id=${chart?.id ?? 0}` });
    expect(JSON.parse(String(chart?.['params']))).toEqual({
      groupby: ['region'],
      viz_type: 'pie',
      datasource: '3__table',
    });
    server.state.charts.pop();
  });

  it('creates a dashboard of charts, or none at all', async () => {
    const { result } = await call('dashboard_create', { title: 'Sales', slug: 'sales', charts: [4, 9], columns: 2 });
    const made = server.state.dashboards.at(-1);
    expect(result).toEqual({ id: made?.id, url: `${server.url}/superset/dashboard/sales/` });
    const { positions } = JSON.parse(String(made?.['json_metadata'])) as { positions: Record<string, object> };
    expect(positions['ROW-0']).toMatchObject({ children: ['CHART-0-4', 'CHART-0-9'] });
    expect(positions['CHART-0-9']).toMatchObject({ meta: { chartId: 9, sliceName: 'Orders', width: 6 } });
    const before = server.state.dashboards.length;
    expect((await call('dashboard_create', { title: 'Forbidden', charts: [4] })).error?.code).toBe('refused');
    expect((await call('dashboard_create', { title: 'Unknown', charts: [77] })).error?.code).toBe('not_found');
    expect(server.state.dashboards).toHaveLength(before);
  });

  it('renders a dashboard, as soon as Superset has', async () => {
    const { result } = await call('dashboard_export', { id: 2, format: 'png' });
    expect(result).toEqual({ media_type: 'image/png', bytes: 8, base64: server.state.png.toString('base64') });
    expect(server.requests.at(-1)?.path).toBe('/api/v1/dashboard/2/screenshot/k%2F1/');
  });

  it('does not hand on a picture that is too large', async () => {
    const small = server.state.png;
    server.state.png = Buffer.alloc(1_500_000);
    server.state.renderedAfter = 0;
    const { error } = await call('dashboard_export', { id: 2 });
    server.state.png = small;
    expect(error?.message).toContain('over the limit');
  });

  it('schedules a report by e-mail', async () => {
    const report = {
      name: 'Weekly',
      dashboard_id: 2,
      crontab: '0 9 * * 1',
      recipients: ['a@example.com', 'b@example.com'],
    };
    const { result } = await call('report_schedule_create', report);
    expect(result).toEqual({ id: server.state.reports.at(-1)?.id });
    expect(server.state.reports.at(-1)).toMatchObject({
      type: 'Report',
      dashboard: 2,
      report_format: 'PDF',
      recipients: [{ type: 'Email', recipient_config_json: { target: 'a@example.com,b@example.com' } }],
    });
    const wrong = [
      { ...report, chart_id: 4 },
      { ...report, format: 'CSV' },
      { ...report, crontab: 'weekly' },
      { ...report, name: 'Taken' },
    ];
    for (const args of wrong) expect((await call('report_schedule_create', args)).error?.code).toBe('invalid_args');
  });

  it('renews a token that ran out, and logs in again when it cannot', async () => {
    const { state } = server;
    const before = { logIns: state.logIns, refreshes: state.refreshes };
    state.access.clear();
    expect((await call('chart_create', { name: 'A', dataset_id: 3, kind: 'pie' })).result).toBeDefined();
    expect(state).toMatchObject({ logIns: before.logIns, refreshes: before.refreshes + 1 });
    state.access.clear();
    state.refresh.clear();
    expect((await call('dashboard_list')).result).toBeDefined();
    expect(state.logIns).toBe(before.logIns + 1);
    // A session that the server has forgotten, of which the token knows nothing.
    state.csrf = 'another';
    const charts = state.charts.length;
    expect((await call('chart_create', { name: 'B', dataset_id: 3, kind: 'pie' })).result).toBeDefined();
    expect(state.charts).toHaveLength(charts + 1);
  });

  it('is not used with a wrong password, which is not shown', async () => {
    const wrong = { ...variables, SUPERSET_PASSWORD: 'wrong-password-1' };
    const { error, text } = await client.call('superset_chart_list', {}, { variables: wrong });
    expect(error?.code).toBe('refused');
    expect(text).not.toContain('wrong-password-1');
  });

  it.each(vendorFaults)('answers with $code when there is $name', async ({ answer, code }) => {
    const impatient = await testClient(superset, { outgoing: impatientRules });
    await call('dashboard_list');
    server.fault = answer;
    const asked = answer.fault === 'hang' ? impatient : client;
    const { error } = await asked.call('superset_dashboard_list', {}, { variables });
    server.fault = undefined;
    await impatient.close();
    expect(error?.code).toBe(code);
    if (code === 'rate_limited') expect(error?.retry_after_s).toBe(12);
  });
});

it('answers nothing without variables, and names the one that is missing', async () => {
  const answers = await withoutVariables(superset);
  expect(new Set(answers.map(({ tool }) => tool)).size).toBe(10);
  for (const { tool, error } of answers)
    expect({ tool, ...error }).toMatchObject({
      tool,
      code: 'not_configured',
      message: expect.stringMatching(/^SUPERSET_/) as string,
    });
});
