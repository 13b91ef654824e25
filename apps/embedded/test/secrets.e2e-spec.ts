import { randomBytes } from 'node:crypto';

import { exchange, header } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';

const canary = (name: string): string => `canary${name}${randomBytes(8).toString('hex')}`;

const secrets = {
  token: canary('token'),
  password: canary('password'),
  apiKey: canary('apikey'),
  bearer: canary('bearer'),
  query: canary('query'),
  broken: canary('broken'),
  wrongKey: canary('wrongkey'),
  code: canary('code'),
};

const payload = {
  operation: 'query',
  sources: [],
  token: secrets.token,
  connection: { password: secrets.password, api_key: secrets.apiKey },
};

const task = (sql: string) => ({
  task_type: 'analytics',
  payload: { operation: 'query', sources: [], sql },
  metadata: { token: secrets.token, connection: { password: secrets.password, api_key: secrets.apiKey } },
});

interface Ended {
  readonly task_id: string;
  readonly status: string;
  readonly error: unknown;
}

describe('secrets that pass through', () => {
  let apart: Apart;
  const shown: string[] = [];
  let cookie = '';

  beforeAll(async () => {
    apart = await Apart.start({ LOG_LEVEL: 'debug' });
  });

  afterAll(() => apart.stop());

  const ask = async (path: string, body?: string, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await fetch(apart.gatewayUrl + path, {
      ...(body !== undefined && { method: 'POST', body }),
      headers: { authorization: `Bearer ${apart.key}`, 'content-type': 'application/json', ...headers },
    });
    const text = await answer.text();
    shown.push(text);
    return text;
  };

  const order = (body: string, key: string): Promise<void> =>
    apart.broker.use(async (channel) => {
      const headers = { [header.apiKey]: key, authorization: `Bearer ${secrets.bearer}`, 'x-token': secrets.token };
      channel.publish(exchange.tasks.name, 'task.submit', Buffer.from(body), { headers });
      await channel.waitForConfirms();
    });

  const ended = async (sql: string): Promise<Ended> => {
    const { task_id } = await apart.call<Ended>('/api/v1/tasks', task(sql));
    const view = await apart.call<Ended>(`/api/v1/tasks/${task_id}?wait=20s`);
    shown.push(JSON.stringify(view.error));
    return view;
  };

  const eventsOf = (taskId: string): Promise<unknown[]> =>
    apart.database.query('select body from task_event where task_id = $1', [taskId]);

  it('are in nothing that tells of tasks which end well or badly', async () => {
    const good = await ended('select 1 as one');
    const bad = await ended('select nothing from nowhere');
    expect([good.status, bad.status]).toEqual(['completed', 'failed']);
    shown.push(JSON.stringify([await eventsOf(good.task_id), await eventsOf(bad.task_id)]));
  });

  it('are in no refusal, over REST or as a dead letter', async () => {
    const broken = [`{"password":"${secrets.broken}",}`, `{"password":${secrets.broken}}`, secrets.broken];
    const wrong = [...broken, JSON.stringify({ task_type: 'cooking', priority: secrets.token, payload })];
    for (const body of wrong) {
      expect(await ask('/api/v1/tasks', body)).toContain('"code"');
      await order(body, apart.key);
    }
    await order(wrong[0] ?? '', secrets.apiKey);
    await ask('/api/v1/tasks', '{}', { authorization: `Bearer ${secrets.bearer}` });
    await ask(`/api/v1/nothing?api_key=${secrets.query}&token=${secrets.query}`);
    const letters = await eventually(async () => {
      const rows = await apart.database.query('select error, headers, reason from dead_letter where task_id is null');
      expect(rows).toHaveLength(wrong.length + 1);
      return rows;
    });
    shown.push(JSON.stringify(letters));
  });

  it('are in no answer to a login but the cookie, whether it is let in or not', async () => {
    const logIn = (body: object): Promise<Response> =>
      fetch(`${apart.gatewayUrl}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
        body: JSON.stringify(body),
      });
    for (const body of [
      { key: secrets.wrongKey },
      { code: secrets.code },
      { key: secrets.wrongKey, code: secrets.code },
    ])
      shown.push(await (await logIn(body)).text());
    const response = await logIn({ key: apart.key });
    shown.push(await response.text());
    cookie = /^[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? '';
    expect(cookie).toMatch(/^__Host-pulser=[\w-]{43}$/);
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    for (const [method, path] of [
      ['GET', '/api/v1/sessions'],
      ['GET', '/api/v1/nothing'],
      ['DELETE', '/api/v1/sessions/current'],
      ['GET', '/api/v1/me'],
    ] as const)
      shown.push(await (await fetch(apart.gatewayUrl + path, { method, headers })).text());
    shown.push(JSON.stringify(await apart.database.query('select to_jsonb(s) as row from session s')));
  });

  it('are in no log and no metric', async () => {
    await ask('/metrics');
    const printed = apart.output.join('');
    // It is a test of something: the services log at this level, also what went to the dead letters.
    expect(printed).toMatch(/"level":"debug"/);
    expect(printed).toMatch(/a message went to the dead letters/);
    const urls = [apart.broker.urlOf('gateway'), apart.broker.urlOf('router'), apart.database.url('pulser_app')].map(
      (url) => new URL(url),
    );
    // A test database may have none, or one that is a word like any other.
    const passwords = urls.map(({ password }) => password).filter((password) => password.length > 8);
    for (const text of [printed, ...shown]) {
      for (const secret of [...Object.values(secrets), apart.key, cookie.split('=')[1] ?? '', ...passwords])
        expect(text).not.toContain(secret);
    }
  });
});
