import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { ApiDocument } from '../src/contract/api-document.js';
import { operationsOf } from '../src/contract/api-operation.js';
import { CasePlan } from '../src/contract/case-plan.js';
import { KnownValues } from '../src/contract/known-values.js';
import { SchemaChecks } from '../src/schemas/schema-checks.js';
import { libraryDocument } from './fixtures/library/library-document.js';
import { LibraryServer } from './fixtures/library/library-server.js';
import { codeOf, open, run } from './run.js';
import { json, Site } from './site.js';

const text = JSON.stringify(libraryDocument);
const document = { text };
const shell = promisify(execFile);

describe('contract_test', () => {
  let library: LibraryServer | undefined;

  afterEach(async () => {
    await Promise.all([library?.close(), Site.closeAll()]);
    library = undefined;
  });

  const start = async (...bug: Parameters<typeof LibraryServer.start>): Promise<LibraryServer> => {
    library = await LibraryServer.start(...bug);
    return library;
  };

  const test = async ({ url }: { readonly url: string }, more: object = {}) =>
    (await run('contract_test', { document, base_url: url, seed: 7, rate_per_s: 200, ...more }, open(url))).result;

  it('sends nothing that could change anything, unless it is asked to', async () => {
    const server = await start();
    const result = await test(server);
    expect(server.requests.every((one) => one.startsWith('GET '))).toBe(true);
    expect(server.requests).toHaveLength(result.counts.requests);
    expect(result.not_tested).toEqual([
      { operation: 'addBook', why: 'POST was not asked for' },
      { operation: 'replaceBook', why: 'PUT was not asked for' },
      { operation: 'removeBook', why: 'DELETE was not asked for' },
    ]);
    expect(result.counts.operations).toBe(5);
  });

  it('sends the same requests for the same seed, and others for another one', async () => {
    const sent = async (seed: number): Promise<string[]> => {
      const server = await LibraryServer.start();
      await test(server, { seed, methods: ['GET', 'POST'] });
      await server.close();
      return [...server.requests];
    };
    const [first, again, other] = [await sent(3), await sent(3), await sent(4)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('gives a command for each finding that shows it, and a seed and an operation that find it again', async () => {
    const server = await start('fails-on-legal');
    const headers = { Authorization: "Bearer s3cret's" };
    const [finding, ...more] = (await test(server, { headers })).findings;
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'server_error', operation: 'listBooks', status: 500 });
    expect(finding?.curl).toContain('"authorization: $AUTHORIZATION"');
    const { stdout } = await shell('sh', ['-c', finding?.curl ?? ''], { env: { ...process.env, AUTHORIZATION: 'x' } });
    expect(stdout).toContain('HTTP/1.1 500');
    const { findings } = await test(server, { headers, ...finding?.reproduce });
    expect(findings).toEqual([finding]);
  });

  it('gives a command that sends a body as it was', async () => {
    const server = await start('accepts-illegal');
    const { findings } = await test(server, { methods: ['POST'], operations: ['addBook'] });
    const finding = findings.find(({ kind }) => kind === 'accepts_illegal');
    const { stdout } = await shell('sh', ['-c', finding?.curl ?? '']);
    expect(stdout).toContain('HTTP/1.1 201');
  });

  it('tests one operation with ids that its list shows', async () => {
    const server = await start('enum-outside');
    const { findings, counts } = await test(server, { operations: ['getMember'] });
    expect(server.requests).toContain('GET /members');
    expect(server.requests).toContain('GET /members/3');
    expect(findings.map(({ operation }) => operation)).toEqual(['getMember']);
    expect(counts.operations).toBe(1);
  });

  it('sends no more than it may, some of each kind, and says that there were more', async () => {
    const server = await start();
    const result = await test(server, { max_requests: 30 });
    expect(server.requests.length).toBeLessThanOrEqual(30);
    expect(result).toMatchObject({ passed: false, complete: false });
    expect(result.operations.every(({ requests }) => requests > 0)).toBe(true);
    expect(result.summary).toContain('planned requests were not sent');
  });

  it('sends all when there is room for all, however unequal the operations are', async () => {
    const server = await start();
    const { counts } = await test(server, { max_requests: 5_000 });
    const exact = await test(server, { max_requests: counts.planned });
    expect(exact).toMatchObject({ complete: true, passed: true, counts: { requests: counts.planned } });
  });

  it('does not wait for a stream of events to end', async () => {
    const site = await Site.start((_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const stream = { 200: { description: 'x', content: { 'text/event-stream': { schema: { type: 'string' } } } } };
    const given = JSON.stringify(minimal({ '/events': { get: { responses: stream } } }));
    const { operations } = await test(site, { document: { text: given } });
    expect(operations).toMatchObject([
      { requests: 0, left_out: ['its answer is a stream of events, which has no end'] },
    ]);
    expect(site.connections).toBe(0);
  });

  it('keeps to its rate', async () => {
    const server = await start();
    const started = performance.now();
    await test(server, { max_requests: 11, rate_per_s: 10 });
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  it('says of what never succeeded that little is known', async () => {
    const site = await Site.start((_, answer) => {
      json(answer, { status: 404, title: 'no' }, 404);
    });
    const result = await test(site);
    expect(result.operations.some(({ succeeded }) => succeeded)).toBe(false);
    expect(result.summary).toContain('5 operations never answered with success');
  });

  it('stops where nothing answers, or where it is told to slow down', async () => {
    const silent = await Site.start((request) => request.socket.destroy());
    expect(await codeOf(test(silent))).toBe('target_unreachable');
    const busy = await Site.start((_, answer) => {
      answer.writeHead(429, { 'retry-after': '0' }).end();
    });
    const result = await test(busy);
    expect(busy.asked).toHaveLength(5);
    expect(result).toMatchObject({ complete: false, findings: [] });
    expect(result.notes).toContain('The host answered 429 again and again: what follows was not tried');
  });

  it('reads a document from an allowed host, and from no other', async () => {
    const site = await Site.start((request, answer) => {
      if (request.url === '/openapi.json') answer.end(text);
      else json(answer, []);
    });
    const result = await test(site, { document: { url: `${site.url}/openapi.json` }, max_requests: 5 });
    expect(result.document).toMatchObject({ version: '3.1.0', problems: [] });
    expect(await codeOf(test(site, { document: { url: 'https://evil.example/openapi.json' } }))).toBe(
      'host_not_allowed',
    );
    expect(await codeOf(test(site, { document: { url: `${site.url}/other` } }))).toBe('document_unreadable');
  });

  it('reads a document that another task has made', async () => {
    const server = await start();
    const reference = 'artifact:0198c7a0-0000-7000-8000-000000000003/openapi.json';
    const file = join(await mkdtemp(join(tmpdir(), 'document-')), 'openapi.json');
    await writeFile(file, text);
    const payload = { document: { reference }, base_url: server.url, max_requests: 10 };
    const { result } = await run('contract_test', payload, {
      ...open(server.url),
      data: { [reference]: { path: file } },
    });
    expect(result.counts.operations).toBe(5);
    expect(await codeOf(run('contract_test', payload, open(server.url)))).toBe('data_not_found');
    await rm(dirname(file), { recursive: true });
  });

  it('knows OpenAPI 3.0: nullable values and excluded bounds', async () => {
    const site = await Site.start((request, answer) => {
      json(
        answer,
        request.url?.includes('n=5') === true ? { status: 400 } : { a: null, b: 3 },
        request.url?.includes('n=5') === true ? 400 : 200,
      );
    });
    const old = {
      openapi: '3.0.3',
      info: { title: 'x', version: '1' },
      paths: {
        '/x': {
          get: {
            parameters: [{ name: 'n', in: 'query', schema: { type: 'integer', minimum: 5, exclusiveMinimum: true } }],
            responses: {
              200: {
                description: 'x',
                content: {
                  'application/json': {
                    schema: {
                      type: 'object',
                      properties: { a: { type: 'string', nullable: true }, b: { type: 'integer', maximum: 2 } },
                    },
                  },
                },
              },
              400: { description: 'x' },
            },
          },
        },
      },
    };
    const { findings } = await test(site, { document: { text: JSON.stringify(old) } });
    expect(findings.map(({ kind, message }) => [kind, message])).toEqual([
      ['accepts_illegal', expect.stringContaining('n: of another type') as string],
      ['accepts_illegal', expect.stringContaining('n: a fraction') as string],
      ['schema_mismatch', '/b must be <= 2'],
    ]);
  });

  it('reads no reference that leads out of the document', async () => {
    const trap = await Site.start((_, answer) => {
      json(answer, { type: 'string' });
    });
    const schemas = [`${trap.url}/s.json`, 'file:///etc/passwd', '../../etc/passwd', './other.yaml#/A'];
    const paths = Object.fromEntries(
      schemas.map(($ref, n) => [
        `/p${n}`,
        {
          get: {
            responses: { 200: { description: 'x', content: { 'application/json': { schema: { $ref } } } } },
            parameters: [{ $ref: `${trap.url}/p.json` }],
          },
        },
      ]),
    );
    const site = await Site.start((_, answer) => {
      json(answer, {});
    });
    const given = { openapi: '3.1.0', info: { title: 'x', version: '1' }, paths };
    const { result, artifacts } = await run(
      'contract_test',
      { document: { text: JSON.stringify(given) }, base_url: site.url },
      open(site.url),
    );
    expect(trap.connections).toBe(0);
    expect(result.document.external_references).toEqual(expect.arrayContaining([`${trap.url}/p.json`]));
    expect(result.document.not_checked).toHaveLength(4);
    expect(JSON.stringify([result, [...artifacts.values()].map(({ content }) => content.toString())])).not.toContain(
      'root:',
    );
  });

  const minimal = (paths: object, more: object = {}): object => ({
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    paths,
    ...more,
  });
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

  it.each([
    ['nothing', '', 'invalid_payload'],
    ['no object', '[1]', 'document_unreadable'],
    ['neither JSON nor YAML', '{a: [', 'document_unreadable'],
    ['Swagger 2.0', JSON.stringify({ swagger: '2.0', paths: {} }), 'document_invalid'],
    ['OpenAPI 4', JSON.stringify({ openapi: '4.0.0', paths: {} }), 'document_invalid'],
    ['no paths', JSON.stringify({ openapi: '3.1.0' }), 'document_invalid'],
    ['a name that pollutes', '{"openapi":"3.1.0","paths":{"__proto__":{"a":1}}}', 'document_unreadable'],
    ['200,000 levels of JSON', `{"openapi":"3.1.0","paths":${nested(200_000)}}`, 'document_unreadable'],
    ['200,000 levels of YAML', `openapi: 3.1.0\npaths: ${nested(200_000)}`, 'document_unreadable'],
    [
      'aliases of aliases',
      `openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\npaths: {}`,
      'document_unreadable',
    ],
  ])('refuses %s as a document at once', async (_, given, code) => {
    const site = await Site.start((_request, answer) => {
      json(answer, {});
    });
    const started = process.cpuUsage();
    expect(await codeOf(test(site, { document: { text: given } }))).toBe(code);
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
    expect(site.connections).toBe(0);
  });

  it('is not held up by schemas without an end, and makes nothing that is too large', async () => {
    const site = await Site.start((_, answer) => {
      json(answer, { title: 'a'.repeat(60), child: { title: 'x' } });
    });
    const schemas = {
      Tree: {
        type: 'object',
        required: ['child'],
        properties: { child: { $ref: '#/components/schemas/Tree' }, title: { type: 'string', pattern: '^((a+)+)+!$' } },
      },
      Loop: { $ref: '#/components/schemas/Loop' },
      Many: { type: 'array', minItems: 1e9, items: { type: 'string' } },
      Long: { type: 'string', pattern: '^a{1000000000}$' },
    };
    const body = (name: string) => ({
      required: true,
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
    });
    const responses = {
      default: { description: 'x', content: { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } } },
    };
    const paths = {
      ...Object.fromEntries(
        Object.keys(schemas).map((name) => [
          `/${name}`,
          { post: { operationId: name, requestBody: body(name), responses } },
        ]),
      ),
      '/q': {
        get: {
          operationId: 'q',
          parameters: [{ name: 'a', in: 'query', required: true, schema: { $ref: '#/components/schemas/Long' } }],
          responses,
        },
      },
    };
    const text = JSON.stringify(minimal(paths, { components: { schemas } }));
    const result = await test(site, { document: { text }, methods: ['GET', 'POST'] });
    expect(
      Object.fromEntries(result.operations.map(({ operation, left_out }) => [operation, left_out.length > 0])),
    ).toEqual({
      Tree: true,
      Loop: true,
      Many: true,
      Long: true,
      q: true,
    });
  });

  it('reads real documents and plans requests for them that their own schemas allow', async () => {
    const require = createRequire(import.meta.url);
    const names = [
      '3.0/json/petstore.json',
      '3.1/json/petstore.json',
      '3.0/json/star-trek.json',
      '3.1/json/train-travel.json',
      '3.0/yaml/petstore.yaml',
    ];
    const lines: string[] = [];
    for (const name of names) {
      const read = await ApiDocument.read(readFileSync(require.resolve(`@readme/oas-examples/${name}`), 'utf8'));
      const operations = operationsOf(read);
      const plan = new CasePlan(read, new SchemaChecks(read.root), new KnownValues(), 1);
      const planned = operations.map((one) => plan.casesOf(one));
      const cases = planned.flatMap((one) => one.cases);
      expect(operations.length).toBeGreaterThan(5);
      // What is not tried has a reason: forms instead of JSON, mostly.
      expect(planned.filter((one) => one.cases.length === 0 && one.leftOut.length === 0)).toEqual([]);
      lines.push(
        `${name}: ${operations.length} operations, ${cases.filter(({ legal }) => legal).length} legal and ${cases.filter(({ legal }) => !legal).length} illegal requests`,
      );
    }
    process.stdout.write(`${lines.join('\n')}\n`);
  });
});
