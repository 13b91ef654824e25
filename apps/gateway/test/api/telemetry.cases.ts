import type {
  Problem,
  TelemetryDepth,
  TelemetryErrors,
  TelemetryHealth,
  TelemetryLatency,
  TelemetryThroughput,
} from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const routes = ['throughput', 'latency', 'errors', 'depth', 'health'];

const sum = (values: readonly (number | null)[] = []): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

describe('telemetry', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    ({ client, tenantId } = await gateway.client(`tenant-${crypto.randomUUID()}`));
  });

  const get = async <T>(path: string, by = client): Promise<T> => {
    const { status, body } = await by.get<T>(`/api/v1/telemetry/${path}`);
    expect([path, status, body]).toEqual([path, 200, body]);
    return body;
  };

  /** Two that completed, one that failed, one that was cancelled, and one that waits. */
  const tasks = async (): Promise<void> => {
    for (let n = 0; n < 2; n += 1) await gateway.worker.complete(tenantId, await client.submit());
    const failing = await gateway.worker.claim(tenantId, await client.submit());
    const failure = { code: 'query_failed', message: 'no such table', permanent: true };
    await gateway.worker.results.fail(failing, failure);
    await client.call(`/api/v1/tasks/${await client.submit()}/cancel`, { method: 'POST' });
    await client.submit({ task_type: 'data_pipeline', payload: { operation: 'ingest' }, priority: 'low' });
  };

  /** A row of what happened in a minute or hour of the past. */
  const happened = (level: string, ago: string, submitted: number): Promise<unknown> =>
    gateway.database.query(
      `insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted, rolled)
       values ($1, $2, date_trunc($2, now() - $3::interval, 'UTC'), 'dash', 'analytics', 'query', $4, $2 = 'hour')`,
      [tenantId, level, ago, submitted],
    );

  it('counts what happened, at once, with every minute in it', async () => {
    await tasks();
    const answer = await get<TelemetryThroughput>('throughput');
    expect(answer).toMatchObject({
      ...{ step: '1m', step_s: 60, resolution: 'minute', kept_from: null, group_by: [], left_out: 0 },
      columns: ['submitted', 'started', 'completed', 'failed', 'cancelled', 'retries'].map((name) => ({
        ...{ name, unit: 'tasks' },
      })),
      series: [{ key: {}, total: { submitted: 5, started: 3, completed: 2, failed: 1, cancelled: 1, retries: 0 } }],
    });
    const [{ values } = { values: undefined }] = answer.series;
    expect([60, 61]).toContain(answer.times.length);
    for (const column of Object.values(values ?? {})) expect(column).toHaveLength(answer.times.length);
    expect(sum(values?.submitted)).toBe(5);
    expect(answer.times.map((time, n) => time - 60 * n)).toEqual(answer.times.map(() => answer.times[0]));
    expect([Date.parse(answer.from), Date.parse(answer.to) - 60_000]).toEqual(
      [answer.times[0], answer.times.at(-1)].map((time) => (time ?? 0) * 1_000),
    );
    expect(Date.parse(answer.complete_until)).toBeLessThan(Date.now());
  });

  it('tells by agent, type and operation, and of some alone', async () => {
    await tasks();
    const keys = async (query: string) =>
      (await get<TelemetryThroughput>(`throughput?${query}`)).series.map(({ key, total }) => [key, total.submitted]);
    expect(await keys('group_by=agent')).toEqual([
      [{ agent: 'dash' }, 4],
      [{ agent: 'data_fabcon' }, 1],
    ]);
    expect(await keys('group_by=operation,task_type&step=1h')).toEqual([
      [{ operation: 'query', task_type: 'analytics' }, 4],
      [{ operation: 'ingest', task_type: 'data_pipeline' }, 1],
    ]);
    expect(await keys('agent=dash')).toEqual([[{}, 4]]);
    expect(await keys('operation=ingest&group_by=agent')).toEqual([[{ agent: 'data_fabcon' }, 1]]);
    expect(await keys('task_type=testing')).toEqual([[{}, 0]]);
    expect(await keys('task_type=testing&group_by=agent')).toEqual([]);
  });

  it('has quantiles of how long tasks waited and ran', async () => {
    await tasks();
    const { series } = await get<TelemetryLatency>('latency?group_by=agent&step=1h');
    expect(series.map(({ key }) => key)).toEqual([{ agent: 'dash' }, { agent: 'data_fabcon' }]);
    const [dash, fabcon] = series;
    expect(dash?.total.completed).toBe(2);
    expect(dash?.total.run_p50_ms).toBeGreaterThan(0);
    expect(dash?.total.run_p99_ms).toBeGreaterThanOrEqual(dash?.total.run_p50_ms ?? Infinity);
    expect(sum(dash?.values.completed)).toBe(2);
    expect(fabcon?.total).toMatchObject({ completed: 0, wait_mean_ms: null, wait_p50_ms: null, run_p99_ms: null });
    expect(new Set(fabcon?.values.run_p95_ms)).toEqual(new Set([null]));
  });

  it('has the rate of errors, of which a cancellation is none', async () => {
    await tasks();
    const { series } = await get<TelemetryErrors>('errors');
    expect(series[0]?.total).toEqual({ completed: 2, failed: 1, retries: 0, error_rate: 1 / 3 });
    expect(sum(series[0]?.values.failed)).toBe(1);
    expect(series[0]?.values.error_rate[0]).toBeNull();
  });

  it('has what is open now, and how that came about', async () => {
    await tasks();
    await client.submit({ run_at: '2099-01-01T00:00:00Z' });
    const { now, series } = await get<TelemetryDepth>('depth');
    expect(now).toEqual([
      { agent: 'dash', task_type: 'analytics', priority: 'medium', status: 'scheduled', tasks: 1 },
      { agent: 'data_fabcon', task_type: 'data_pipeline', priority: 'low', status: 'queued', tasks: 1 },
    ]);
    expect(series).toHaveLength(1);
    expect([series[0]?.total.open, series[0]?.values.open[0], series[0]?.values.open.at(-1)]).toEqual([2, 0, 2]);
    const types = (await get<TelemetryDepth>('depth?group_by=task_type')).series;
    expect(types.map(({ key, total }) => [key.task_type, total.open])).toEqual([
      ['analytics', 1],
      ['data_pipeline', 1],
    ]);
    const one = await get<TelemetryDepth>('depth?task_type=analytics');
    expect([one.now.length, one.series[0]?.total.open]).toEqual([1, 1]);
  });

  it('says which agents have workers, and how those of the caller did, without naming an instance', async () => {
    await gateway.worker.register('analytics', 'data_pipeline');
    await tasks();
    const answer = await get<TelemetryHealth>('health');
    expect(answer.silent_after_s).toBe(60);
    expect(answer.agents).toEqual([
      {
        ...{ agent: 'dash', state: 'up', reason: 'A worker of it was heard of within the last minute' },
        last_seen: expect.any(String) as string,
        ...{ open: 0, completed: 2, failed: 1, error_rate: 1 / 3 },
        wait_p95_ms: expect.any(Number) as number,
        run_p95_ms: expect.any(Number) as number,
      },
      expect.objectContaining({ agent: 'data_fabcon', open: 1, completed: 0, error_rate: null, run_p95_ms: null }),
    ]);
    expect(JSON.stringify(answer)).not.toContain('dash-1');
    await gateway.database.query(`update agent_registration set last_seen_at = now() - interval '200 s'
      where agent_name = 'data_fabcon'`);
    const [, silent] = (await get<TelemetryHealth>('health')).agents;
    await gateway.worker.register('analytics', 'data_pipeline');
    expect(silent).toMatchObject({ state: 'silent', reason: 'No worker of it was heard of for 3 minutes' });
  });

  it('is empty and whole for a tenant without tasks, and shows it nothing of another', async () => {
    await tasks();
    const { client: stranger } = await gateway.client(`tenant-${crypto.randomUUID()}`);
    const { series } = await get<TelemetryThroughput>('throughput?step=1h', stranger);
    expect(series).toHaveLength(1);
    expect(sum(Object.values(series[0]?.total ?? {}))).toBe(0);
    expect(new Set(series[0]?.values.submitted)).toEqual(new Set([0]));
    for (const route of ['throughput', 'latency', 'errors'])
      expect(await get(`${route}?group_by=agent`, stranger)).toMatchObject({ series: [] });
    expect(await get('depth', stranger)).toMatchObject({ now: [], series: [{ total: { open: 0 } }] });
    const { agents } = await get<TelemetryHealth>('health', stranger);
    expect(agents.map(({ open, completed, failed }) => open + completed + failed)).toEqual([0, 0]);
  });

  it('answers from the finest level that has the range, and says what a finer one does not have', async () => {
    await happened('day', '10 days', 7);
    await happened('hour', '10 days', 7);
    await happened('minute', '1 minute', 2);
    const from = new Date(Date.now() - 10 * 86_400_000 - 3_600_000).toISOString();
    const whole = await get<TelemetryThroughput>(`throughput?from=${from}&step=6h`);
    expect(whole).toMatchObject({ resolution: 'hour', kept_from: null, series: [{ total: { submitted: 9 } }] });
    expect(await get(`throughput?from=${from}`)).toMatchObject({ step: '6h', series: [{ total: { submitted: 9 } }] });
    const fine = await get<TelemetryThroughput>(`throughput?from=${from}&step=15m`);
    expect(fine).toMatchObject({ resolution: 'minute', series: [{ total: { submitted: 2 } }] });
    const kept = fine.times.indexOf(Date.parse(fine.kept_from ?? '') / 1_000);
    expect(kept).toBeGreaterThan(0);
    const submitted = fine.series[0]?.values.submitted ?? [];
    expect(new Set(submitted.slice(0, kept))).toEqual(new Set([null]));
    expect(submitted.slice(kept)).not.toContain(null);
  });

  it.each<[string, string, string]>([
    ['throughput?step=1m&from=2020-01-01T00:00:00Z', '/step', 'ask for less time'],
    [
      'latency?step=1m&from=2026-01-01T00:00:00Z&to=2026-01-01T06:00:00Z',
      '/step',
      '360 buckets of 1m, of at most 300: ask for a step of 5m',
    ],
    ['latency?from=2099-01-01T00:00:00Z', '/from', 'Lies ahead'],
    ['errors?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', '/from', 'Must be before `to`'],
    ['throughput?group_by=priority', '/group_by', 'Must be one or two of agent, task_type, operation'],
    ['depth?group_by=agent', '/group_by', '`now` has the open tasks by agent'],
    ['health?step=1h', '/step', 'Unknown field'],
    ['latency?format=xlsx', '/format', 'csv'],
  ])('refuses %s at the member that is wrong', async (path, pointer, detail) => {
    const { status, body } = await client.get<Problem>(`/api/v1/telemetry/${path}`);
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([400, 'invalid_request', pointer]);
    expect(body.errors?.[0]?.detail).toContain(detail);
  });

  it.each(routes)('comes as CSV when it is asked for so: %s', async (route) => {
    await tasks();
    const read = async (query: string, accept?: string) => {
      const headers = accept === undefined ? {} : { accept };
      const answer = await client.fetch(`/api/v1/telemetry/${route}${query}`, { headers });
      expect(answer.headers.get('vary')).toContain('accept');
      return { type: answer.headers.get('content-type'), text: await answer.text() };
    };
    const table = await read('?format=csv');
    expect(table.type).toBe('text/csv; charset=utf-8; header=present');
    const [head = '', ...rows] = table.text.trimEnd().split('\r\n');
    expect(head).toMatch(route === 'health' ? /^agent,state,/ : /^at,.*,complete$/);
    expect(rows.every((row) => row.split(',').length === head.split(',').length)).toBe(true);
    expect((await read('', 'text/csv')).text.split('\r\n')[0]).toBe(head);
    expect((await read('?format=json', 'text/csv')).type).toContain('application/json');
    expect((await read('')).type).toContain('application/json');
  });

  it('is documented as JSON and CSV, and lists as NDJSON too', async () => {
    interface Operation {
      readonly responses: Readonly<Record<string, { readonly content?: object }>>;
    }
    type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    const { paths } = (await gateway.stranger.get<{ paths: Paths }>('/docs-json')).body;
    const typesOf = (path: string) => Object.keys(paths[path]?.['get']?.responses['200']?.content ?? {});
    for (const route of routes) expect(typesOf(`/api/v1/telemetry/${route}`)).toEqual(['application/json', 'text/csv']);
    expect(typesOf('/api/v1/tasks')).toEqual(['application/json', 'text/csv', 'application/x-ndjson']);
  });

  it('is no program of a spreadsheet, whatever an operation is called', async () => {
    const task = { task_type: 'data_pipeline', payload: { operation: '=HYPERLINK("x")' } };
    expect((await client.call('/api/v1/tasks', { body: task })).status).toBe(422);
    await gateway.database.query(
      `insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted)
       values ($1, 'minute', date_trunc('minute', now()), 'dash', 'analytics', '=1+1', 1)`,
      [tenantId],
    );
    const answer = await client.fetch('/api/v1/telemetry/throughput?group_by=operation&format=csv');
    expect(await answer.text()).toContain(`,'=1+1,`);
  });
});
