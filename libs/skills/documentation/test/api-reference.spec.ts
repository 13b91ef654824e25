import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fixedMethods } from '../src/openapi/openapi-document.js';
import { largeDescription } from './large-description.js';
import { oasExample, oasExamples } from './oas-examples.js';
import { apiReference, run } from './run.js';

interface Description {
  readonly info: { readonly title: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly webhooks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Counted by another way than the operation does: in the plain document. */
const operationsIn = ({ paths = {}, webhooks = {} }: Description): number =>
  [...Object.values(paths), ...Object.values(webhooks)]
    .map((item) => paths[/^#\/paths\/~1([^/]*)$/.exec(String(item['$ref']))?.[1]?.replace(/^/, '/') ?? ''] ?? item)
    .flatMap((item) => Object.keys(item))
    .filter((key) => (fixedMethods as readonly string[]).includes(key)).length;

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

const withoutStyle = (html: string): string => html.replace(/<style>[^]*?<\/style>/, '');

describe('the reference of an API', () => {
  it.each([...oasExamples('3.0', 'json'), ...oasExamples('3.1', 'json')])(
    'has all operations of $name, and links that lead somewhere',
    async ({ text }) => {
      const description = JSON.parse(text) as Description;
      const { result, html, markdown } = await apiReference(text);
      const ids = all(html, / id="([^"]*)"/g);
      expect(result.title).toBe(description.info.title);
      expect(result.operations).toBe(operationsIn(description));
      expect(all(html, /<section class="(op)"/g)).toHaveLength(result.operations);
      expect(new Set(ids).size).toBe(ids.length);
      expect(all(html, / href="#([^"]*)"/g).filter((link) => !ids.includes(link))).toEqual([]);
      const places = all(markdown, /<a id="([^"]*)">/g);
      expect(all(markdown, /\]\(#((?:op|tag|schema)[^)]*)\)/g).filter((link) => !places.includes(link))).toEqual([]);
    },
  );

  it.each(oasExamples('3.1', 'yaml'))('is the same of YAML as of JSON: $name', async ({ name, text }) => {
    const json = oasExample(name.replaceAll('yaml', 'json'));
    const [ofYaml, ofJson] = [await apiReference(text), await apiReference(json.text)];
    expect(ofYaml.result.operations_by_tag).toEqual(ofJson.result.operations_by_tag);
    expect(ofYaml.result.schemas).toBe(ofJson.result.schemas);
  });

  it('shows parameters, bodies, answers and examples', async () => {
    const { html, markdown } = await apiReference(oasExample('3.1/json/train-travel.json').text);
    for (const page of [html, markdown]) {
      expect(page).toContain('/bookings/{bookingId}/payment');
      expect(page).toContain('passenger_name');
      expect(page).toContain('efdbb9d1-02c2-4bc3-afb7-6788d8782b1e');
      expect(page).toContain('OAuth2 (read)');
    }
    expect(html).toContain('href="#schema-station"');
    expect(markdown).toContain('[Station](#schema-station)');
  });

  it('keeps the members of alternatives apart', async () => {
    const { html } = await apiReference(oasExample('3.1/json/train-travel.json').text);
    expect(html).toMatch(/<code>source \(Card\)\.number<\/code><span class="req">required/);
    expect(html).toMatch(/<code>source \(Bank Account\)\.account_type<\/code>/);
    expect(html).not.toContain('<code>source.number</code>');
  });

  it('merges maps of YAML', async () => {
    const text =
      'openapi: 3.1.0\ninfo: { title: A, version: 1.0.0 }\nx-b: &b { summary: Shared, responses: {} }\npaths: { /a: { get: { <<: *b }, put: { summary: Own, <<: *b } } }';
    const { html } = await apiReference(text);
    expect(all(html, /<h3>([^<]*)/g)).toEqual(['Shared', 'Own']);
  });

  it('takes the document from a file, too, which must be a text', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'description-'));
    const { text } = oasExample('3.0/json/petstore.json');
    const [good, bad] = [join(folder, 'good'), join(folder, 'bad')];
    writeFileSync(good, text);
    writeFileSync(bad, Buffer.from([0x7b, 0xff, 0xfe]));
    const upload = (digit: string): string => `upload:${digit.repeat(64)}`;
    const data = { [upload('a')]: { path: good }, [upload('b')]: { path: bad } };
    const of = (reference: string): ReturnType<typeof run> =>
      run({ operation: 'api_reference', document: { reference } }, { data });
    const { artifacts, opened } = await of(upload('a'));
    expect(artifacts.get('reference.html')?.content.toString()).toBe((await apiReference(text)).html);
    expect(opened).toEqual([upload('a')]);
    await expect(of(upload('b'))).rejects.toMatchObject({ code: 'document_unreadable' });
    await expect(of(upload('c'))).rejects.toMatchObject({ code: 'data_not_found' });
    await expect(of('file:///etc/passwd')).rejects.toMatchObject({ code: 'invalid_payload' });
    rmSync(folder, { recursive: true });
  });

  it('takes the document as an object, too', async () => {
    const { text } = oasExample('3.0/json/petstore.json');
    expect((await apiReference(JSON.parse(text))).html).toBe((await apiReference(text)).html);
  });

  it('knows what is new in OpenAPI 3.2', async () => {
    const { result, html } = await apiReference({
      openapi: '3.2.0',
      info: { title: 'Log', version: '2' },
      tags: [{ name: 'lines', summary: 'Lines of the log', kind: 'nav' }],
      paths: {
        '/lines': {
          query: { tags: ['lines'], summary: 'Searches', responses: { 200: { description: 'Found' } } },
          additionalOperations: {
            COPY: { tags: ['lines'], summary: 'Copies', responses: { 204: { description: 'Done' } } },
          },
          get: {
            tags: ['lines'],
            responses: {
              200: {
                description: 'All',
                content: {
                  'application/jsonl': {
                    itemSchema: { type: 'object', properties: { at: { type: 'string' } } },
                    examples: { one: { dataValue: { at: 'noon' } } },
                  },
                },
              },
            },
          },
        },
      },
    });
    expect(result).toMatchObject({ operations: 3, operations_by_tag: { lines: 3 }, problems: [] });
    for (const text of ['Lines of the log', '>QUERY<', '>COPY<', 'noon']) expect(html).toContain(text);
  });

  it('says what does not follow the schema of OpenAPI, and writes what it can', async () => {
    const { result, html } = await apiReference({
      openapi: '3.1.0',
      info: { title: 'No version' },
      paths: { '/a': { get: { responses: { 200: {} } } } },
    });
    expect(result.problems).toContainEqual({ at: '/info', message: "must have required property 'version'" });
    expect(html).toContain('/a');
  });

  it('writes a description of 13 MB within its bounds', async () => {
    const text = largeDescription(720);
    expect(text.length).toBeGreaterThan(13_000_000);
    const { result, html, markdown } = await apiReference(text);
    expect(result).toMatchObject({ operations: 1_440, schemas: 576 });
    for (const page of [html, markdown]) expect(Buffer.byteLength(page)).toBeLessThan(16 * 1024 * 1024);
  }, 240_000);

  it('is shorter, with a word, when it would be too large', async () => {
    const { result } = await apiReference(largeDescription(1_000));
    expect(result.shortened).toEqual({ example_characters: 1_500, examples: 1, rows: 120 });
  }, 240_000);

  it.each([
    ['document_unreadable', '{ "openapi": "3.1.0", '],
    ['document_unreadable', 'openapi: [3.1.0'],
    ['document_not_supported', 'Just a text'],
    ['document_not_supported', '{"swagger":"2.0","info":{"title":"Old","version":"1"},"paths":{}}'],
    ['document_not_supported', '{"openapi":"4.0.0"}'],
  ])('refuses with %s what it cannot take: %s', async (code, content) => {
    await expect(run({ operation: 'api_reference', document: { content } })).rejects.toMatchObject({ code });
  });
});

describe('a hostile description', () => {
  const operation = (more: Readonly<Record<string, unknown>>): unknown => ({
    openapi: '3.1.0',
    info: { title: 'Hostile', version: '1' },
    paths: { '/a': { get: { responses: { 200: { description: 'ok' } }, ...more } } },
  });

  it('has nothing in it run, load or lead to other than web addresses', async () => {
    const bad = [
      '<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><iframe src="javascript:alert(1)"></iframe>',
      '[a](javascript:alert(1)) <a href="javascript:alert(1)" onclick="x()" style="position:fixed">b</a> ![p](https://evil.example/p.png)',
      '"><script>x</script>|</td></table> <form action="https://evil.example"><input name=a></form> <base href="https://evil.example">',
      '[b](data:text/html,x) <style>*{display:none}</style> <meta http-equiv=refresh content="0;url=https://evil.example"> <p id="top">x</p>',
    ].join('\n\n');
    const schema = { type: 'string', enum: [bad], default: bad, pattern: bad, description: bad, format: bad };
    const description = {
      openapi: '3.1.0',
      info: { title: bad, version: bad, description: bad },
      servers: [{ url: bad, description: bad }],
      tags: [{ name: bad, description: bad }],
      paths: {
        [`/${bad}`]: {
          get: {
            tags: [bad],
            operationId: bad,
            summary: bad,
            description: bad,
            parameters: [{ name: bad, in: 'query', schema, description: bad }],
            requestBody: {
              description: bad,
              content: { [bad]: { schema: { properties: { [bad]: schema } }, example: bad } },
            },
            responses: { [bad]: { description: bad, headers: { [bad]: { schema } } } },
            callbacks: { [bad]: { [bad]: { [bad]: {} } } },
            security: [{ [bad]: [bad] }],
          },
        },
      },
      components: {
        schemas: { [bad]: schema },
        securitySchemes: { [bad]: { type: 'apiKey', in: bad, name: bad, description: bad } },
      },
    };
    const { html, markdown } = await apiReference(description);
    const page = withoutStyle(html).replace(/^[^]*?<body>/, '');
    expect(
      all(page, /<\/?([a-z0-9]+)/gi).filter((tag) =>
        /^(script|img|svg|iframe|form|input|style|meta|base|link|object)$/i.test(tag),
      ),
    ).toEqual([]);
    expect(page).not.toMatch(/<[^>]*\s(?:on[a-z]+|style|src|srcset)\s*=/i);
    expect(all(page, / href="([^"]*)"/g).filter((link) => !/^(?:#|https?:|mailto:)/.test(link))).toEqual([]);
    expect(all(page, / id="(top)"/g)).toHaveLength(1);
    expect(html).toContain("default-src 'none'; style-src 'sha256-");
    const prose = markdown.replaceAll(/^(`{3,})\n[^]*?\n\1$/gm, '').replaceAll(/(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');
    expect(all(prose, /(?<!\\)<(\/?[a-z][a-z0-9]*)/gi).filter((tag) => !['a', '/a'].includes(tag))).toEqual([]);
    expect(prose).not.toMatch(/(?<!\\)\]\((?:javascript|data):/);
  });

  it('never has a reference to another document read, and names each', async () => {
    const references = ['file:///etc/passwd', 'http://127.0.0.1:9/a.json#/b', '../secret.yaml', '//evil.example/x'];
    const { result, html } = await apiReference(
      operation({
        requestBody: { content: { 'application/json': { schema: { anyOf: references.map(($ref) => ({ $ref })) } } } },
        parameters: [{ $ref: '#/components/parameters/none' }],
      }),
    );
    expect(result.not_followed.references.map(({ reference }) => reference)).toEqual(references);
    expect(result.not_followed.references[0]?.at).toBe(
      '/paths/~1a/get/requestBody/content/application~1json/schema/anyOf/0',
    );
    expect(result.missing).toEqual({
      count: 1,
      references: [{ reference: '#/components/parameters/none', at: '/paths/~1a/get/parameters/0' }],
    });
    expect(html).toContain('4 references of this description lead to other documents, which were not read');
    expect(html).not.toContain('root:');
  });

  it('may have members named like those of all objects', async () => {
    const members = ['__proto__', 'constructor', 'valueOf', 'toString', 'hasOwnProperty'];
    const schemas = members
      .map((name) => `"${name}": { "type": "string", "description": "Member ${name}" }`)
      .join(', ');
    const text = `{"openapi":"3.1.0","info":{"title":"A","version":"1"},"tags":[{"name":"a","valueOf":1},{"name":"a","valueOf":2}],
      "paths":{},"components":{"schemas":{"A":{"properties":{${schemas}}},${schemas}}}}`;
    const { result, html } = await apiReference(text);
    expect(result.schemas).toBe(1 + members.length);
    for (const name of members) expect(html).toContain(`<code>${name}</code>`);
    // JSON is YAML too; the comment has it read as that.
    const { html: ofYaml } = await apiReference(`# YAML\n${text}`);
    expect(ofYaml).toBe(html);
  });

  it('does not take data for references', async () => {
    const { result } = await apiReference(
      operation({
        requestBody: {
          content: {
            'application/json': {
              schema: { properties: { $ref: { type: 'string' }, default: { type: 'string' } } },
              example: { $ref: 'file:///etc/passwd' },
            },
          },
        },
      }),
    );
    expect(result.not_followed.count).toBe(0);
  });

  it('ends when schemas hold themselves, or each other in all combinations', async () => {
    const levels = Array.from({ length: 60 }, (_, index): [string, unknown] => [
      `Level${index}`,
      {
        allOf: [
          { $ref: `#/components/schemas/Level${(index + 1) % 60}` },
          { $ref: `#/components/schemas/Level${(index + 1) % 60}` },
        ],
      },
    ]);
    const wide = { oneOf: Array.from({ length: 300 }, () => ({ $ref: '#/paths/~1a/get/x-wide' })) };
    const { html } = await apiReference({
      openapi: '3.1.0',
      info: { title: 'Hostile', version: '1' },
      paths: {
        '/a': { get: { 'x-wide': wide, requestBody: { content: { 'a/b': { schema: wide } } }, responses: {} } },
      },
      components: { schemas: { ...Object.fromEntries(levels), Self: { $ref: '#/components/schemas/Self' } } },
    });
    expect(html).toContain('id="schema-level59"');
  });

  it.each([
    ['many levels of JSON', '['.repeat(100_000)],
    ['many levels', `{"openapi":"3.1.0","a":${'['.repeat(300)}${']'.repeat(300)}}`],
    ['many levels of YAML', `openapi: 3.1.0\na: ${'['.repeat(5_000)}`],
    [
      'aliases of aliases',
      `openapi: 3.1.0\na0: &a0 [1,2,3,4,5,6,7,8,9]\n${Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`).join('\n')}`,
    ],
    ['an alias in itself', 'openapi: 3.1.0\na: &a [*a]'],
    ['lines of open lists', `openapi: 3.1.0\na:\n${'  [\n'.repeat(100_000)}`],
    [
      'a list in each line, further in',
      `openapi: 3.1.0\na:\n${Array.from({ length: 2_500 }, (_, at) => `${' '.repeat(at)}-`).join('\n')}`,
    ],
    [
      'many aliases that merge',
      `openapi: 3.1.0\na: &a {${Array.from({ length: 3_000 }, (_, at) => `k${at}: 1`).join(', ')}}\nb:\n${'- { <<: *a }\n'.repeat(20_000)}`,
    ],
    ['a key twice', 'openapi: 3.1.0\ninfo: {}\ninfo: {}'],
    ['an unknown alias', 'openapi: 3.1.0\ninfo: *none'],
    ['two documents', 'openapi: 3.1.0\n---\nopenapi: 3.1.0'],
  ])('is refused with one error for %s', async (_, content) => {
    await expect(run({ operation: 'api_reference', document: { content } })).rejects.toMatchObject({
      code: expect.stringMatching(/^document_(?:too_large|unreadable)$/) as string,
    });
  });

  it.each([
    '> '.repeat(30_000),
    '['.repeat(60_000),
    '*a_ '.repeat(15_000),
    '<b>'.repeat(20_000),
    '- '.repeat(30_000),
    `${'`'.repeat(59)} `.repeat(1_000),
  ])('has its Markdown read in bounded time', async (text) => {
    const { html } = await apiReference(operation({ description: text }));
    expect(html).toContain('</html>');
  });
});
