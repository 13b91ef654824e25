// A local Superset: log-in, tokens that run out, protection against forged requests, and the lists behind the tools.
import { type VendorAnswer, type VendorRequest, type VendorServer, vendorServer } from '@pulser/testing/vendor';

export const account = { username: 'bot', password: 'a-password-of-superset' };

type Row = Record<string, unknown> & { id: number };

const owner = { id: 1, first_name: 'Ada', last_name: 'Lovelace' };

export class SupersetState {
  /** Tokens that are accepted now. */
  readonly access = new Set<string>();
  readonly refresh = new Set<string>();
  logIns = 0;
  refreshes = 0;
  csrf: string | undefined;
  /** Answers of 404 before a picture is rendered. */
  renderedAfter = 2;
  png = Buffer.from('89504e470d0a1a0a', 'hex');
  readonly dashboards: Row[] = Array.from({ length: 30 }, (_, index) => ({
    id: index + 1,
    dashboard_title: `Dashboard ${index + 1}`,
    slug: null,
    published: index % 2 === 0,
    owners: [owner],
    changed_on_utc: '2026-11-29T12:00:00+0000',
    url: `/superset/dashboard/${index + 1}/`,
    json_metadata: JSON.stringify({
      native_filter_configuration: [{ id: 'F1', name: 'Region', filterType: 'filter_select' }],
    }),
  }));
  readonly charts: Row[] = [
    {
      id: 4,
      slice_name: 'Revenue',
      viz_type: 'pie',
      datasource_id: 3,
      datasource_name_text: 'public.orders',
      dashboards: [],
    },
    { id: 9, slice_name: 'Orders', viz_type: 'table', datasource_id: 3, datasource_name_text: 'public.orders' },
  ];
  readonly datasets: Row[] = [
    { id: 3, table_name: 'orders', schema: 'public', kind: 'physical', database: { id: 1, database_name: 'shop' } },
  ];
  readonly reports: Row[] = [];
}

const added = (rows: Row[], body: unknown): VendorAnswer => {
  const id = 100 + rows.length;
  rows.push({ ...(body as Record<string, unknown>), id });
  return { status: 201, json: { id, result: body } };
};

const page = (rows: readonly Row[], query: URLSearchParams): VendorAnswer => {
  const q = query.get('q') ?? '';
  const numberOf = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(q)?.[1]);
  const start = numberOf('page') * numberOf('page_size');
  const result = rows.slice(start, start + numberOf('page_size'));
  return { json: { count: rows.length, ids: result.map(({ id }) => id), result } };
};

const notFound: VendorAnswer = { status: 404, json: { message: 'Not found' } };

const one = (rows: readonly Row[], id: string, view: (row: Row) => unknown = (row) => row): VendorAnswer => {
  const row = rows.find((candidate) => candidate.id === Number(id));
  return row === undefined ? notFound : { json: { id: row.id, result: view(row) } };
};

const rowsAnswer: VendorAnswer = {
  json: {
    result: [
      {
        colnames: ['region', 'sum__amount'],
        data: [
          { region: 'North', sum__amount: 30 },
          { region: 'South', sum__amount: 25 },
        ],
        error: null,
        rowcount: 2,
        status: 'success',
      },
    ],
  },
};

const security = (state: SupersetState, path: string, { headers, body }: VendorRequest): VendorAnswer | undefined => {
  const issue = (): string => {
    const token = `access-${state.logIns}-${state.refreshes}`;
    state.access.add(token);
    return token;
  };
  if (path === 'security/login') {
    const { username, password } = body as typeof account;
    if (username !== account.username || password !== account.password)
      return { status: 401, json: { message: 'Not authorized' } };
    state.logIns += 1;
    const refresh = `refresh-${state.logIns}`;
    state.refresh.add(refresh);
    return { json: { access_token: issue(), refresh_token: refresh } };
  }
  if (path === 'security/refresh') {
    if (!state.refresh.has((headers['authorization'] ?? '').replace('Bearer ', '')))
      return { status: 401, json: { msg: 'Token has expired' } };
    state.refreshes += 1;
    return { json: { access_token: issue() } };
  }
  if (!state.access.has((headers['authorization'] ?? '').replace('Bearer ', '')))
    return { status: 401, json: { msg: 'Token has expired' } };
  if (path !== 'security/csrf_token/') return undefined;
  state.csrf = `csrf-${state.logIns}-${state.refreshes}`;
  const cookies = [`session=of-${state.csrf}; HttpOnly; Expires=Mon, 30 Nov 2026 12:00:00 GMT; Path=/`, 'lb=1; Path=/'];
  return { headers: { 'set-cookie': cookies }, json: { result: state.csrf } };
};

const isForged = (state: SupersetState, { method, headers }: VendorRequest): boolean =>
  method !== 'GET' &&
  (headers['x-csrftoken'] !== state.csrf || headers['cookie'] !== `session=of-${state.csrf ?? ''}; lb=1`);

const read = (state: SupersetState, path: string, query: URLSearchParams): VendorAnswer => {
  const [kind = '', id = '', part] = path.split('/');
  const tables: Record<string, readonly Row[]> = {
    dashboard: state.dashboards,
    chart: state.charts,
    dataset: state.datasets,
  };
  const rows = tables[kind];
  if (rows === undefined) return notFound;
  if (id === '') return page(rows, query);
  if (kind === 'dashboard' && part === 'charts')
    return one(rows, id, () =>
      state.charts.map(({ id: chart, slice_name }) => ({ id: chart, slice_name, form_data: { viz_type: 'pie' } })),
    );
  if (kind === 'dashboard' && part === 'datasets') return one(rows, id, () => state.datasets);
  if (kind === 'dashboard' && part === 'screenshot')
    return state.renderedAfter-- > 0 ? notFound : { headers: { 'content-type': 'image/png' }, raw: state.png };
  if (kind === 'chart' && part === 'data')
    return id === '9' ? { status: 400, json: { message: 'Chart has no query context saved.' } } : rowsAnswer;
  if (kind !== 'dataset') return one(rows, id);
  return one(rows, id, (row) => ({
    ...row,
    columns: [{ column_name: 'region', type: 'TEXT', is_dttm: false }],
    metrics: [{ metric_name: 'sum__amount', expression: 'SUM(amount)' }],
  }));
};

const write = (state: SupersetState, path: string, { method, body }: VendorRequest): VendorAnswer => {
  const [kind = '', id = '', part] = path.split('/');
  if (kind === 'dashboard' && part === 'cache_dashboard_screenshot')
    return { status: 202, json: { cache_key: 'k/1', dashboard_url: '', image_url: '', task_status: 'Pending' } };
  if (path === 'chart/data') return rowsAnswer;
  if (method === 'DELETE') {
    state.dashboards.splice(0, state.dashboards.length, ...state.dashboards.filter((row) => row.id !== Number(id)));
    return { json: { message: 'OK' } };
  }
  if (method === 'PUT') {
    const row = state.dashboards.find((candidate) => candidate.id === Number(id));
    if (row?.['dashboard_title'] === 'Forbidden') return { status: 403, json: { message: 'Forbidden' } };
    Object.assign(row ?? {}, body);
    return { json: { id: Number(id), result: {} } };
  }
  if (kind === 'report' && (body as { name: string }).name === 'Taken')
    return { status: 422, json: { message: { name: ['Name must be unique'] } } };
  const tables: Record<string, Row[]> = { dashboard: state.dashboards, chart: state.charts, report: state.reports };
  const rows = tables[kind];
  return rows === undefined ? notFound : added(rows, body);
};

export interface SupersetServer extends VendorServer {
  readonly state: SupersetState;
}

export const supersetServer = async (): Promise<SupersetServer> => {
  const state = new SupersetState();
  const server = await vendorServer((request) => {
    const path = request.path.replace('/api/v1/', '');
    const answer = security(state, path, request);
    if (answer !== undefined) return answer;
    if (isForged(state, request))
      return { status: 400, json: { errors: [{ message: '400 Bad Request: The CSRF token is missing.' }] } };
    return request.method === 'GET' ? read(state, path, request.query) : write(state, path, request);
  });
  return Object.assign(server, { state });
};
