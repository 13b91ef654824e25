import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { type Route, routesOf } from '../open-api.js';
import { sharedGateway } from '../shared-gateway.js';

/** What PostgreSQL's text cannot hold. */
const unstorable = ['\u0000', 'a\u0000b', '\ud800', 'a\udc00', '\udc00\ud800'];

/** The same in a URL, and what only looks like it. */
const inUrls = ['%00', 'a%00b', '%ED%A0%80', 'a%ED%B0%80', '%2500', '%C0%80', '%F0%9F%98', '%E2%80%AE', '%u0000'];

/** What else is no answer to what a member asks for. */
const oddValues = [
  null,
  true,
  -1,
  0.5,
  1e300,
  [],
  {},
  [[[]]],
  '',
  ' ',
  '\u{1f600}',
  '\u001b[31m',
  'x'.repeat(100_000),
  'INF',
];

const oddParameters = [
  ...[
    '',
    '+',
    '-1',
    '0',
    '1e400',
    '0x10',
    'null',
    '[]',
    '%',
    '%zz',
    '%2e%2e',
    '..%2f',
    '%2F',
    '%0d%0a',
    '%F0%9F%98%80',
  ],
  ...['x'.repeat(150), 'x'.repeat(3_000), '9'.repeat(30), '9007199254740993', '2030-01-01T00:00:00+01:00'],
  ...['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '%27%3B--', '1;drop', '{}', 'a%20b'],
];

// HOSTILE_INPUT=all tries every odd value everywhere. Otherwise each is tried in a third of the places, and each place with a
// third of them.
const parts = process.env['HOSTILE_INPUT'] === 'all' ? 1 : 3;

const inTurn = <T>(values: readonly T[], turn: number): readonly T[] =>
  values.filter((_, n) => (n + turn) % parts === 0);

const inHeaders = ['%00', 'a\u00ed\u00a0\u0080', '\u00ff', '\\u0000', '"\u0080"'];

const unknown = '019a0000-0000-7000-8000-000000000000';
const names = { id: unknown, name: 'dash' };

// A pause of all tenants must not hold up what other cases wait for.
const namesOfInstallation = { name: 'pulser' };

const isOfInstallation = (path: string): boolean => /^\/api\/v1\/(installation|incidents|mcp\/pins)\b/.test(path);

// Where a name can only be one of a few, the first of them.
const namesOf = ({ parameters }: Route): Record<string, string> =>
  Object.fromEntries(
    parameters.flatMap(({ name, schema }) =>
      schema?.enum === undefined ? [] : [[name, String(schema.enum[0])] as const],
    ),
  );

interface Told {
  readonly what: string;
  readonly status: number;
  readonly text: string;
}

describe('hostile input', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  /** Another administrator of the same tenant. */
  let second: Client;
  let viewer: Client;
  let operator: Client;
  let routes: readonly Route[];

  beforeAll(async () => {
    gateway = await sharedGateway();
    routes = await routesOf(gateway.stranger);
  });

  // So many requests would spend the rate limit of one key.
  beforeEach(async () => {
    const tenant = `tenant-${crypto.randomUUID()}`;
    const { client: first, tenantId } = await gateway.client(tenant);
    client = first;
    // That a task may name.
    await gateway.database.query(
      `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
       values ($1, 'analytics', 'email', '{"to": "on-call@example.com"}', now(), 'test')`,
      [tenantId],
    );
    ({ client: second } = await gateway.client(tenant));
    ({ client: viewer } = await gateway.client(tenant, { role: 'viewer' }));
    ({ client: operator } = await gateway.operator());
  });

  const pathOf = (route: Route, parameters: Readonly<Record<string, string>> = {}): string =>
    Object.entries({
      ...names,
      ...(isOfInstallation(route.path) && namesOfInstallation),
      ...namesOf(route),
      ...parameters,
    }).reduce((path, [name, value]) => path.replace(`{${name}}`, value), route.path);

  // A text of the right form is not yet a key, nor a time in the next weeks.
  const sampleOf = ({ path }: Route, { sample }: NonNullable<Route['body']>): unknown => {
    if (path === '/api/v1/sessions') return { key: client.key };
    const until = new Date(Date.now() + 60_000).toISOString();
    return path === '/api/v1/incidents/{id}/silence' ? { until, reason: 'known' } : sample;
  };

  const ask = async (what: string, path: string, call: Parameters<Client['fetch']>[1], by?: Client): Promise<Told> => {
    const answer = await (by ?? (isOfInstallation(path) ? operator : client)).fetch(path, call);
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    const text = isStream ? '' : await answer.text();
    if (isStream) await answer.body?.cancel();
    return { what: `${what}: ${text.slice(0, 300)}`, status: answer.status, text };
  };

  const askAll = async (of: (route: Route) => readonly Promise<Told>[]): Promise<Told[]> => {
    const told: Told[] = [];
    for (const route of routes) told.push(...(await Promise.all(of(route))));
    return told;
  };

  // 429 would say nothing of the text.
  const wrong = (told: readonly Told[]): string[] =>
    told
      .filter(({ status, text }) => status >= 500 || status === 429 || text.includes('"status":500'))
      .map(({ what, status }) => `${status} ${what}`);

  it('is tried in bodies that are accepted without it', async () => {
    const told = await askAll(({ body, ...route }) =>
      body === undefined
        ? []
        : [ask(`${route.method} ${route.path}`, pathOf(route), { method: route.method, body: sampleOf(route, body) })],
    );
    expect(
      told.filter(({ status, text }) => (status >= 300 && status !== 404) || text.includes('"refused":1')),
    ).toEqual([]);
    expect(told.length).toBeGreaterThan(8);
  });

  it('with U+0000 or half a surrogate pair is refused as every member of every body, as a name and nested', async () => {
    const told = await askAll((route) =>
      (route.body?.places ?? []).flatMap(({ pointer, put }) =>
        unstorable.map((text) => {
          const body = JSON.stringify(put(text));
          const { method } = route;
          return ask(`${method} ${route.path} ${pointer} ${JSON.stringify(text)}`, pathOf(route), { method, body });
        }),
      ),
    );
    process.stdout.write(`${told.length} bodies of ${routes.length} routes with U+0000 or half a surrogate pair\n`);
    expect(told.length).toBeGreaterThan(200);
    expect(wrong(told)).toEqual([]);
    // In a batch every item is refused by itself.
    const accepted = told.filter(({ status, text }) => status < 400 && !text.includes('"refused":1'));
    expect(accepted).toEqual([]);
  });

  it.each(['an administrator', 'a viewer'])(
    'with U+0000 in a path or query is refused, or only looks like it: %s',
    async (who) => {
      const by = who === 'a viewer' ? viewer : undefined;
      const told = await askAll((route) =>
        route.parameters
          .filter(({ in: place }) => place !== 'header')
          .flatMap(({ name, in: place }) =>
            inUrls.flatMap((text) => {
              const path = pathOf(route, place === 'path' ? { [name]: text } : {});
              const queries = place === 'query' ? [`?${name}=${text}`, `?${text}=1`] : [''];
              return queries.map((query) =>
                ask(`${route.method} ${path}${query}`, path + query, { method: route.method }, by),
              );
            }),
          ),
      );
      expect(told.length).toBeGreaterThan(200);
      expect(wrong(told)).toEqual([]);
    },
  );

  it('of any other kind in a body is never answered with 500', async () => {
    const told = await askAll((route) =>
      (route.body?.places ?? []).flatMap(({ pointer, put }, turn) =>
        inTurn(oddValues, turn + routes.indexOf(route)).map((value) => {
          // JSON has a number for it, and JavaScript has not.
          const body = JSON.stringify(put(value)).replace('"INF"', '1e400');
          const what = `${route.method} ${route.path} ${pointer} ${JSON.stringify(value).slice(0, 20)}`;
          return ask(what, pathOf(route), { method: route.method, body });
        }),
      ),
    );
    process.stdout.write(`${told.length} bodies with an odd value\n`);
    expect(wrong(told)).toEqual([]);
  });

  it('of any other kind in a path or query is never answered with 500', async () => {
    const told = await askAll((route) =>
      route.parameters
        .filter(({ in: place }) => place !== 'header')
        .flatMap(({ name, in: place }, index) =>
          inTurn(oddParameters, index + routes.indexOf(route)).map((text) => {
            // They are more than one key may send.
            const by = index % 2 === 1 && !isOfInstallation(route.path) ? second : undefined;
            const path = pathOf(route, place === 'path' ? { [name]: text } : {});
            const url = place === 'query' ? `${path}?${name}=${text}` : path;
            return ask(`${route.method} ${url}`, url, { method: route.method }, by);
          }),
        ),
    );
    process.stdout.write(`${told.length} odd paths and queries\n`);
    expect(wrong(told)).toEqual([]);
  });

  it('with U+0000 is never found: neither as a filter nor as a name', async () => {
    const filters = ['action', 'actor_id', 'target'].map((name) => `/api/v1/audit?${name}=a%00b`);
    for (const path of [...filters, '/api/v1/tasks?cursor=%00', '/api/v1/dead-letters?cursor=%00']) {
      expect([path, (await client.get(path)).body]).toMatchObject([path, { status: 400, code: 'invalid_request' }]);
    }
    for (const path of [`/api/v1/tasks/${unknown}/artifacts/a%00b`, '/api/v1/tasks/%00', '/api/v1/%00']) {
      expect([path, (await client.get(path)).body]).toMatchObject([path, { status: 404, code: 'not_found' }]);
    }
  });

  it('in a header is no reason to fail either', async () => {
    const told = await askAll((route) =>
      [...route.parameters.filter(({ in: place }) => place === 'header'), { name: 'traceparent' }].flatMap(({ name }) =>
        inHeaders.map((text) =>
          ask(`${route.method} ${route.path} ${name}`, pathOf(route), {
            method: route.method,
            headers: { [name]: text },
          }),
        ),
      ),
    );
    expect(wrong(told)).toEqual([]);
  });
});
