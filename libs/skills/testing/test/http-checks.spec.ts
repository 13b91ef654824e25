import { LibraryServer } from './fixtures/library/library-server.js';
import { codeOf, open, run } from './run.js';
import { json, Site } from './site.js';

describe('http_checks', () => {
  let library: LibraryServer;

  beforeEach(async () => {
    library = await LibraryServer.start();
  });

  afterEach(() => Promise.all([library.close(), Site.closeAll()]));

  const check = async (steps: readonly object[], more: object = {}) =>
    run('http_checks', { base_url: library.url, steps, ...more }, open(library.url));

  it('carries values from one answer to the next, in paths, bodies and headers', async () => {
    const { result } = await check(
      [
        {
          name: 'add',
          method: 'POST',
          path: '/books',
          json: { title: 'On {{topic}}', pages: '{{pages}}', genre: 'science', tags: ['{{topic}}', 'new'] },
          expect: { status: 201, json: [{ path: '$.pages', equals: 12 }] },
          save: { id: '$.id', place: { header: 'location' } },
        },
        {
          name: 'read it again',
          path: '/books/{{id}}',
          expect: { json: [{ path: '$.title', equals: 'On bread & {butter}' }] },
          save: { title: '$.title' },
        },
        {
          name: 'change it',
          method: 'PUT',
          path: '/books/{{id}}',
          json: { title: '{{title}}!', pages: 13, genre: 'novel' },
          expect: { json: [{ path: '$.title', equals: 'On bread & {butter}!' }] },
        },
        { name: 'remove it', method: 'DELETE', path: '/books/{{id}}', expect: { status: 204 } },
        { name: 'it is gone', path: '/books/{{id}}', expect: { status: 404 } },
      ],
      { values: { topic: 'bread & {butter}', pages: 12 } },
    );
    expect(result).toMatchObject({ passed: true, counts: { steps: 5, passed: 5, failed_checks: 0, requests: 5 } });
    expect(result.steps[0]?.saved).toEqual(['id', 'place']);
    expect(library.requests).toEqual([
      'POST /books',
      ...['GET', 'PUT', 'DELETE', 'GET'].map((method) => `${method} /books/b43`),
    ]);
  });

  it('has the mean of both times as the median of two requests', async () => {
    const { result } = await check(['one', 'two'].map((name) => ({ name, path: '/books' })));
    const [one = NaN, two = NaN] = result.steps.map(({ ms }) => ms);
    expect(result.latency_ms).toEqual({ min: Math.min(one, two), median: (one + two) / 2, max: Math.max(one, two) });
  });

  describe('a header that names a secret', () => {
    const secrets = (url: string, more: object = {}) => {
      const { hostname, port } = new URL(url);
      const hosts = [{ host: hostname, ports: [Number(port)], schemes: ['http'], ...more }];
      return { billing: { value: 'top-{{secret}}-value', hosts } };
    };

    const steps = [{ name: 'look', path: '/', expect: { json: [{ path: '$.seen', equals: 'x' }] } }];

    it('is sent as it is, with its prefix, and shown by no check', async () => {
      const seen: (string | undefined)[] = [];
      const site = await Site.start(({ headers }, answer) => {
        seen.push(headers.authorization);
        json(answer, { seen: headers.authorization });
      });
      const { result, artifacts } = await run(
        'http_checks',
        { base_url: site.url, headers: { Authorization: { secret: 'billing', prefix: 'Bearer ' } }, steps },
        { ...open(site.url), secrets: secrets(site.url) },
      );
      expect(seen).toEqual(['Bearer top-{{secret}}-value']);
      expect(result.steps[0]?.checks.at(-1)).toMatchObject({ passed: false, found: 'Bearer [secret billing]' });
      expect(artifacts.get('junit.xml')?.content.toString()).not.toContain('top-{{secret}}');
    });

    it.each([
      ['an unknown name', { headers: { authorization: { secret: 'other' } } }, {}],
      ['another port', { headers: { authorization: { secret: 'billing' } } }, { ports: [1] }],
      ['http, where https is meant', { headers: { authorization: { secret: 'billing' } } }, { schemes: undefined }],
    ])('is no reason to ask anything without it: %s', async (_, more, host) => {
      const site = await Site.start((_request, answer) => {
        json(answer, {});
      });
      const options = { ...open(site.url), secrets: secrets(site.url, host) };
      const ran = run('http_checks', { base_url: site.url, steps, ...more }, options);
      expect(await codeOf(ran)).toBe('secret_unavailable');
      expect(site.asked).toEqual([]);
    });

    it('is none that a redirect takes along', async () => {
      const headers = { 'User-Agent': { secret: 'billing' } };
      expect(await codeOf(check(steps, { headers }))).toBe('invalid_payload');
    });
  });

  it('says of each check what was found, in the result and as JUnit', async () => {
    const { result, artifacts } = await check([
      {
        name: 'a page',
        path: '/books',
        query: { limit: '3', genre: 'poetry' },
        expect: {
          status: [200, 201],
          headers: {
            'Content-Type': 'application/json; charset=utf-8',
            'x-trace': { exists: true },
            date: { contains: 'GMT' },
          },
          json: [
            { path: '$.items[*]', count: 3 },
            { path: '$.items[*].genre', contains: 'poet', type: 'string' },
            { path: '$.items[*].pages', min: 100, max: 150 },
            { path: '$.items[?@.pages > 200]', exists: true },
            { path: '$.total', equals: 11 },
          ],
          body_contains: 'Volume <9>',
          max_ms: 60_000,
        },
      },
    ]);
    const failed = result.steps[0]?.checks.filter(({ passed }) => !passed);
    expect(failed).toEqual([
      { what: 'header x-trace is there', passed: false, found: 'no such header' },
      { what: '$.items[*].pages is at most 150', passed: false, found: '[107,135,163]' },
      { what: '$.items[?@.pages > 200] finds something', passed: false, found: '0 values' },
      { what: 'body contains Volume <9>', passed: false, found: expect.stringContaining('"items"') as string },
    ]);
    expect(result).toMatchObject({ passed: false, counts: { checks: 13, failed_checks: 4, failed: 1 } });
    const junit = artifacts.get('junit.xml');
    expect(junit?.mediaType).toBe('application/xml');
    const xml = junit?.content.toString() ?? '';
    expect(xml).toContain('<testsuite name="http_checks" tests="13" failures="4" errors="0" skipped="0"');
    expect(xml).toContain('body contains Volume &lt;9>');
  });

  it('checks a body against a JSON Schema, whose patterns cannot hang it', async () => {
    const book = { title: 'a'.repeat(50), pages: 1, genre: 'novel' };
    const schema = {
      type: 'object',
      required: ['items', 'total', 'pages'],
      properties: { total: { type: 'integer', maximum: 3 }, items: { type: 'array', items: { $ref: '#/$defs/book' } } },
      $defs: { book: { type: 'object', properties: { pages: { type: 'integer', minimum: 100 } } } },
    };
    const slow = { type: 'object', properties: { title: { type: 'string', pattern: '^((a+)+)+!$' } } };
    const { result } = await check([
      { name: 'schema', path: '/books', expect: { schema } },
      { name: 'slow', method: 'POST', path: '/books', json: book, expect: { status: 201, schema: slow } },
    ]);
    expect(result.steps[0]?.checks[1]).toEqual({
      what: 'body matches the schema',
      passed: false,
      found: "the body must have required property 'pages'; /total must be <= 3",
    });
    expect(result.steps[1]?.checks[1]).toEqual({
      what: 'body matches the schema (a pattern took too long to decide, and counts as matching)',
      passed: true,
    });
  });

  it('does not go on without a value, and with stop_on_failure not after a failure', async () => {
    const steps = [
      { name: 'no such book', path: '/books/b999', save: { id: '$.id' } },
      { name: 'needs it', path: '/books/{{id}}' },
      { name: 'needs nothing', path: '/books/b1' },
    ];
    const { result } = await check(steps);
    expect(result.steps.map(({ outcome, why }) => [outcome, why])).toEqual([
      ['failed', undefined],
      ['skipped', 'There is no value id: no step before has saved it'],
      ['passed', undefined],
    ]);
    expect((await check(steps, { stop_on_failure: true })).result.counts).toMatchObject({ failed: 1, skipped: 2 });
  });

  it('never lets a value change the host or the path above it', async () => {
    const { result } = await check(
      [
        { name: 'slashes', path: '/books/{{slashes}}', expect: { status: [400, 404] } },
        { name: 'at', path: '/{{at}}/x', expect: { status: 404 } },
        { name: 'up', path: '/books/{{up}}/members', expect: { status: 404 } },
        { name: 'query', path: '/books', query: { limit: '{{query}}' }, expect: { status: 400 } },
      ],
      { values: { slashes: '../members', at: '@evil.example', up: '..', query: '1&offset=3' } },
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'skipped', 'passed']);
    expect(library.requests).toEqual([
      'GET /books/..%2Fmembers',
      'GET /%40evil.example/x',
      'GET /books?limit=1%26offset%3D3',
    ]);
  });

  it('shows no header of the task', async () => {
    const { result, artifacts, logs } = await check([{ name: 'a', path: '/books', headers: { 'x-key': 's3cret-2' } }], {
      headers: { authorization: 'Bearer s3cret-1' },
    });
    const all = JSON.stringify([result, logs, [...artifacts.values()].map(({ content }) => content.toString())]);
    expect(all).not.toContain('s3cret');
  });

  it('fails a step that is not answered, and goes on', async () => {
    const site = await Site.start((request, answer) => {
      if (request.url === '/breaks') request.socket.destroy();
      else json(answer, {});
    });
    const steps = [
      { name: 'breaks', path: '/breaks' },
      { name: 'works', path: '/' },
    ];
    const { result } = await run('http_checks', { base_url: site.url, steps }, open(site.url));
    expect(result.steps).toMatchObject([
      {
        outcome: 'failed',
        checks: [{ what: 'answers', found: expect.stringContaining('[connection_lost]') as string }],
      },
      { outcome: 'passed' },
    ]);
  });

  it.each([
    ['a base with a query', { base_url: 'http://127.0.0.1/?a' }],
    ['a base with a key', { base_url: 'http://me:key@127.0.0.1/' }],
    ['a value in the host', { base_url: 'http://{{host}}/' }],
    ['another scheme', { base_url: 'file:///etc/passwd' }],
    ['a path without a slash', { steps: [{ name: 'a', path: 'evil.example' }] }],
    ['no JSON path', { steps: [{ name: 'a', path: '/', save: { a: '$[' } }] }],
    ['match', { steps: [{ name: 'a', path: '/', save: { a: "$[?match(@.a, '(a+)+b')]" } }] }],
    ['search', { steps: [{ name: 'a', path: '/', save: { a: "$[?search(@.a, 'a')]" } }] }],
    ['too many descents', { steps: [{ name: 'a', path: '/', save: { a: '$..a..b..c' } }] }],
    ['an expectation of nothing', { steps: [{ name: 'a', path: '/', expect: { json: [{ path: '$' }] } }] }],
    ['no steps', { steps: [] }],
  ])('refuses %s', async (_, payload) => {
    const whole = { base_url: library.url, steps: [{ name: 'a', path: '/' }], ...payload };
    expect(await codeOf(run('http_checks', whole, open(library.url)))).toBe('invalid_payload');
    expect(library.requests).toEqual([]);
  });

  it('refuses a schema that refers to elsewhere, without asking there', async () => {
    const trap = await Site.start((_, answer) => {
      json(answer, {});
    });
    for (const $ref of [`${trap.url}/schema.json`, 'file:///etc/passwd', '#/nowhere']) {
      const steps = [{ name: 'a', path: '/books', expect: { schema: { $ref } } }];
      expect(await codeOf(check(steps))).toBe('check_invalid');
    }
    expect(trap.connections).toBe(0);
  });
});
