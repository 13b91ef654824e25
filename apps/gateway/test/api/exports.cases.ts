import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

/** Every list, and the member of its page that holds the rows. */
const lists = {
  tasks: 'tasks',
  'dead-letters': 'dead_letters',
  audit: 'entries',
  datasets: 'datasets',
  memories: 'memories',
  agents: 'agents',
  keys: 'keys',
} as const;

describe('a list as a file', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client(`exports-${crypto.randomUUID()}`));
  });

  const file = async (path: string, headers: Readonly<Record<string, string>> = {}, of = client) => {
    const response = await of.fetch(`/api/v1/${path}`, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  const objects = (text: string): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it.each(Object.entries(lists))('has the rows of the pages: %s', async (list, member) => {
    const taskId = await client.submit();
    const error = { code: 'query_failed', message: '=cmd|calc', permanent: true };
    await gateway.worker.results.fail(await gateway.worker.claim(tenantId, taskId), error);
    await client.call('/api/v1/memories', { body: { type: 'fact', content: `+${taskId}` } });
    const page = (await client.get<Record<string, unknown[]>>(`/api/v1/${list}`)).body[member] ?? [];
    const ndjson = await file(`${list}?format=ndjson`);
    expect([ndjson.status, ndjson.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(ndjson.headers.get('content-disposition')).toBe(`attachment; filename="${list}.ndjson"`);
    expect(objects(ndjson.text)).toEqual(page);
    const csv = await file(list, { accept: 'text/csv' });
    expect([csv.status, csv.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    const [head = '', ...rows] = csv.text.split('\r\n');
    expect(head).toMatch(/^[a-z_.\d]+(,[a-z_.\d]+)+$/);
    expect(rows.length).toBeGreaterThan(page.length);
    expect(csv.text).not.toMatch(/(^|,)"?[=+@]/m);
  });

  it('goes on from page to page, with the filters, and has each row once', async () => {
    const { client: other } = await gateway.client(`exports-${crypto.randomUUID()}`);
    const tasks = Array.from({ length: 250 }, (_, n) => ({
      task_type: 'analytics',
      payload: { operation: 'query' },
      priority: n % 5 === 0 ? 'high' : 'low',
    }));
    await other.call('/api/v1/tasks/batch', { body: { tasks } });
    const all = objects((await file('tasks?format=ndjson&limit=7', {}, other)).text);
    expect(new Set(all.map((task) => task['task_id'])).size).toBe(250);
    expect(all).toHaveLength(250);
    const high = objects((await file('tasks?format=ndjson&priority=high', {}, other)).text);
    expect(high.map((task) => task['priority'])).toEqual(Array.from({ length: 50 }, () => 'high'));
    const audit = objects((await file('audit?format=ndjson', {}, other)).text);
    expect(audit.map((entry) => entry['seq'])).toEqual(audit.map((_, n) => audit.length - n));
  });

  it.each(Object.keys(lists).filter((list) => list !== 'agents'))('has no row of another tenant: %s', async (list) => {
    const { client: stranger } = await gateway.client(`exports-${crypto.randomUUID()}`);
    await client.submit();
    for (const format of ['csv', 'ndjson']) {
      const mine = (await stranger.get<{ key_id: string }>('/api/v1/me')).body.key_id;
      const rows = (await file(`${list}?format=${format}`, {}, stranger)).text.trim().split('\n');
      const foreign = rows.slice(format === 'csv' ? 1 : 0).filter((row) => row !== '' && !row.includes(mine));
      expect([list, foreign]).toEqual([list, []]);
    }
  });

  it('is refused as the list is', async () => {
    const viewer = await gateway.client(undefined, { role: 'viewer' });
    expect((await file('audit?format=csv', {}, viewer.client)).status).toBe(403);
    const wrong = await file('tasks?format=xlsx');
    expect([wrong.status, JSON.parse(wrong.text)]).toMatchObject([400, { errors: [{ pointer: '/format' }] }]);
    const cursor = await file('tasks?format=csv&cursor=x');
    expect([cursor.status, JSON.parse(cursor.text)]).toMatchObject([400, { errors: [{ pointer: '/cursor' }] }]);
    expect(cursor.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('is written to four readers of a tenant at a time, and reads no page ahead of a slow one', async () => {
    const { client: other } = await gateway.client(`exports-${crypto.randomUUID()}`);
    const metadata = { text: 'x'.repeat(100) };
    const labels = { method: 'PUT', body: { value: ['text'] } };
    await other.call('/api/v1/settings/task-labels', labels);
    for (let n = 0; n < 12; n += 1) {
      const tasks = Array.from({ length: 1_000 }, () => ({
        task_type: 'analytics',
        payload: { operation: 'query' },
        metadata,
      }));
      await other.call('/api/v1/tasks/batch', { body: { tasks } });
    }
    const slow = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const controller = new AbortController();
        const response = await other.fetch('/api/v1/tasks?format=ndjson', { signal: controller.signal });
        return { response, controller };
      }),
    );
    const fifth = await file('tasks?format=csv', {}, other);
    expect([fifth.status, JSON.parse(fifth.text)]).toMatchObject([429, { code: 'too_many_requests' }]);
    expect(fifth.headers.get('retry-after')).toBe('5');
    for (const { controller } of slow.slice(1)) controller.abort();
    const whole = await slow[0]?.response.text();
    expect(objects(whole ?? '')).toHaveLength(12_000);
  });
});
