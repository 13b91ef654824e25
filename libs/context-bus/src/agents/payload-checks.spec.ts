import { type OperationDescription } from '@pulser/contracts';
import { z } from 'zod';

import { PayloadChecks } from './payload-checks.js';
import { schemaVerdict } from './schema-guard.policy.js';

type Schema = Record<string, unknown>;

const operation = (input_schema: Schema): OperationDescription => ({
  task_type: 'analytics',
  operation: 'query',
  summary: '',
  input_schema,
  example: {},
});

const problems = (payload: Schema, ...schemas: Schema[]) =>
  new PayloadChecks().problems(payload, schemas.map(operation));

const person: Schema = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 }, tags: { type: 'array', items: { $ref: '#/$defs/tag' } } },
  required: ['name'],
  additionalProperties: false,
  $defs: { tag: { type: 'string', pattern: '^[a-z]+$' } },
};

describe('a payload', () => {
  it('that fits its schema has no problems', async () => {
    expect(await problems({ name: 'x', tags: ['a', 'b'] }, person)).toEqual([]);
  });

  it.each([
    ['a wrong type', { name: 1 }, '/payload/name', 'Must be string'],
    ['a missing field', {}, '/payload/name', "Must have required property 'name'"],
    ['an unknown field', { name: 'x', other: 1 }, '/payload/other', 'Unknown field'],
    ['a text of another form', { name: 'x', tags: ['a', 'B'] }, '/payload/tags/1', 'Must match pattern "^[a-z]+$"'],
  ])('with %s has its path', async (_case, payload, pointer, detail) => {
    expect(await problems(payload, person)).toEqual([{ pointer, detail }]);
  });

  it('has all its problems listed, up to twenty', async () => {
    expect(await problems({ tags: ['a', 'B', 7], other: 1 }, person)).toEqual([
      { pointer: '/payload/name', detail: "Must have required property 'name'" },
      { pointer: '/payload/other', detail: 'Unknown field' },
      { pointer: '/payload/tags/1', detail: 'Must match pattern "^[a-z]+$"' },
      { pointer: '/payload/tags/2', detail: 'Must be string' },
    ]);
    expect(await problems({ name: 'x', tags: Array.from({ length: 50 }, () => 1) }, person)).toHaveLength(20);
  });

  const list: Schema = { type: 'array', items: { type: 'string' } };

  it.each([
    ['many', { items: { anyOf: [{ type: 'string' }, list] } }, Array.from({ length: 6_000 }, (_, n) => [n])],
    ['one', { anyOf: [{ type: 'string' }, list] }, Array.from({ length: 14_000 }, (_, n) => n)],
  ])('has them listed in no more time than its size: %s unions', async (_, schema, tags) => {
    const checks = new PayloadChecks();
    const wanted = [operation({ properties: { tags: schema } })];
    await checks.problems({ tags: [] }, wanted);
    const start = process.cpuUsage();
    expect(await checks.problems({ tags }, wanted)).toHaveLength(20);
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });

  it('of a huge size has the first of its problems listed', async () => {
    expect(await problems({ tags: Array.from({ length: 60_000 }, () => 1) }, person)).toHaveLength(1);
  });

  it('is checked by schemas whose fields have the names of members of every object, and by those after them', async () => {
    const hostile = [
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
      'valueOf',
      '__defineGetter__',
      'prototype',
    ];
    const fields = hostile.map((name) => `"${name}": {"type": "string"}`).join(', ');
    const odd = JSON.parse(`{"type": "object", "properties": {${fields}}, "$defs": {${fields}}}`) as Schema;
    const checks = new PayloadChecks();
    expect(await checks.problems({ valueOf: 1 }, [operation(odd)])).toMatchObject([{ pointer: '/payload/valueOf' }]);
    expect(await checks.problems({ name: 'x', tags: [] }, [operation(person)])).toEqual([]);
    expect(await checks.problems({ name: '' }, [operation(person)])).toHaveLength(1);
  });

  it('fits when one of the versions that run side by side accepts it', async () => {
    const next = { ...person, properties: { name: { type: 'number' } } };
    expect(await problems({ name: 7 }, person, next)).toEqual([]);
    expect(await problems({ name: true }, person, next)).toHaveLength(1);
  });

  it('is held against the pattern of each of its fields', async () => {
    const texts = { low: { type: 'string', pattern: '^[a-z]+$' }, digits: { type: 'string', pattern: '^[0-9]+$' } };
    const schema = { type: 'object', properties: texts };
    expect(await problems({ low: 'a', digits: '1' }, schema)).toEqual([]);
    expect(await problems({ low: '1', digits: '1' }, schema)).toMatchObject([{ pointer: '/payload/low' }]);
    expect(await problems({ low: 'a', digits: 'a' }, schema)).toMatchObject([{ pointer: '/payload/digits' }]);
  });

  it('is left to the worker where only the worker can say', async () => {
    const lookAround = { type: 'object', properties: { a: { type: 'string', pattern: '^(?!x)' } } };
    expect(await problems({ a: 'x' }, lookAround)).toEqual([]);
    expect(await problems({ a: 1 }, lookAround)).toHaveLength(1);
    const manyItems = { items: Array.from({ length: 450_000 }, () => 1) };
    expect(await problems(manyItems, { properties: { items: { items: { type: 'string' } } } })).toEqual([]);
  });

  it('costs a pattern no more than time in proportion to its length', async () => {
    const evil = { properties: { a: { type: 'string', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' } } };
    expect(await problems({ a: 'a'.repeat(19_000) }, evil)).toHaveLength(1);
    expect(await problems({ a: 'a'.repeat(1_000_000) }, evil)).toEqual([]);
  });
});

const frame = { title: z.string().max(5).optional() };
const Chart = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['bar', 'line']),
    x: z.string(),
    y: z.union([z.string(), z.array(z.string()).min(1)]),
    ...frame,
  }),
  z.strictObject({ kind: z.literal('pie'), x: z.string(), ...frame }),
]);
const Query = z.strictObject({
  operation: z.literal('query'),
  chart: Chart.optional(),
  size: z.union([z.int(), z.literal('all')]),
});

const asOneOf = z.toJSONSchema(Query, { io: 'input' }) as Schema;
const asAnyOf = JSON.parse(JSON.stringify(asOneOf).replaceAll('"oneOf"', '"anyOf"')) as Schema;
const branch = (kind: string, member: string): Schema => ({
  type: 'object',
  properties: { kind: { const: kind }, [member]: { type: 'number' } },
  required: ['kind', member],
  additionalProperties: false,
});
const byReference: Schema = {
  type: 'object',
  properties: { chart: { anyOf: [{ $ref: '#/$defs/bar' }, { $ref: '#/$defs/pie' }] }, size: true, operation: true },
  required: ['size'],
  $defs: { bar: branch('bar', 'x'), pie: branch('pie', 'slices') },
};

describe('a payload with a union', () => {
  const told = async (chart: unknown, schema: Schema): Promise<string[]> =>
    (await problems({ operation: 'query', size: 1, chart }, schema)).map(
      ({ pointer, detail }) => `${pointer}: ${detail}`,
    );

  it.each([
    ['oneOf', asOneOf],
    ['anyOf', asAnyOf],
  ])('is told what is wrong with the branch that its tag names: %s', async (_, schema) => {
    expect(await told({ kind: 'pie', x: 'a' }, schema)).toEqual([]);
    expect(await told({ kind: 'line', x: 'a', y: ['b'] }, schema)).toEqual([]);
    expect(await told({ kind: 'pie', x: 7, y: 'b', title: 'too long' }, schema)).toEqual([
      '/payload/chart/y: Unknown field',
      '/payload/chart/x: Must be string',
      '/payload/chart/title: Must NOT have more than 5 characters',
    ]);
    expect(await told({ kind: 'bar', y: ['b', 7] }, schema)).toEqual([
      "/payload/chart/x: Must have required property 'x'",
      '/payload/chart/y/1: Must be string',
    ]);
    expect(await told({ kind: 'bar', x: 'a', y: 7 }, schema)).toEqual([
      '/payload/chart/y: Must be string, or: Must be array',
    ]);
    expect(await told({ kind: 'cake' }, schema)).toEqual(['/payload/chart/kind: Must be one of "bar", "line", "pie"']);
    expect(await told({ x: 'a' }, schema)).toEqual([`/payload/chart/kind: Must have required property 'kind'`]);
    expect(await told('pie', schema)).toEqual(['/payload/chart: Must be object']);
  });

  it('is told so too where the branches stand elsewhere', async () => {
    expect(await told({ kind: 'pie', slices: 3 }, byReference)).toEqual([]);
    expect(await told({ kind: 'pie', x: 3 }, byReference)).toEqual([
      "/payload/chart/slices: Must have required property 'slices'",
      '/payload/chart/x: Unknown field',
    ]);
    expect(await told(7, byReference)).toEqual(['/payload/chart: Must be object']);
  });

  it('is told the faults outside of it as well', async () => {
    expect(await problems({ operation: 'query', size: true, chart: { kind: 'pie' }, more: 1 }, asOneOf)).toEqual([
      { pointer: '/payload/more', detail: 'Unknown field' },
      { pointer: '/payload/chart/x', detail: "Must have required property 'x'" },
      { pointer: '/payload/size', detail: 'Must be integer, or: Must be "all"' },
    ]);
  });

  it('without a tag is told the faults of the form that it comes closest to', async () => {
    const forms = {
      properties: { at: { anyOf: [branch('x', 'a'), { type: 'object', required: ['b', 'c', 'd'] }] } },
      required: ['more'],
    };
    expect(await problems({ at: { kind: 'x' } }, forms)).toEqual([
      { pointer: '/payload/more', detail: "Must have required property 'more'" },
      { pointer: '/payload/at/a', detail: "Must have required property 'a'" },
    ]);
    expect(await problems({ a: 1 }, { oneOf: [{ required: ['a'] }, { type: 'object' }] })).toEqual([
      { pointer: '/payload', detail: 'Fits several forms, of which it must fit one' },
    ]);
  });

  it.each<readonly [string, Schema, Schema, string]>([
    [
      'a condition',
      { a: 1 },
      { if: { required: ['a'] }, then: { required: ['b'] } },
      "/payload/b: Must have required property 'b'",
    ],
    ['what must not be', { a: 1 }, { not: { required: ['a'] } }, '/payload: Not allowed here'],
    ['a name', { A: 1 }, { propertyNames: { pattern: '^[a-z]' } }, '/payload/A: Its name is not allowed'],
    ['a closed member', { a: 1 }, { properties: { a: false } }, '/payload/a: Not allowed here'],
    [
      'a foreign discriminator',
      { kind: 'x' },
      { discriminator: { propertyName: 'kind', mapping: {} }, required: ['a'] },
      "/payload/a: Must have required property 'a'",
    ],
    [
      'a member of that name',
      { discriminator: 1 },
      { properties: { discriminator: { type: 'string' } } },
      '/payload/discriminator: Must be string',
    ],
  ])('is told of %s in words about itself', async (_, payload, schema, problem) => {
    expect((await problems(payload, schema)).map(({ pointer, detail }) => `${pointer}: ${detail}`)).toEqual([problem]);
  });
});

const chain = (length: number): Schema => ({
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    Array.from({ length }, (_, n) => [
      `d${String(n)}`,
      {
        anyOf:
          n === length - 1
            ? [{ type: 'string' }]
            : [{ $ref: `#/$defs/d${String(n + 1)}` }, { $ref: `#/$defs/d${String(n + 1)}` }],
      },
    ]),
  ),
});

describe('a schema', () => {
  it.each([
    ['leads outside', { $ref: 'https://example.com/schema' }, '$ref must be #'],
    ['leads nowhere', { $ref: '#/$defs/none' }, 'leads to no schema'],
    ['leads back to itself', { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } }, 'back to itself'],
    ['doubles its work with every step', chain(30), 'would apply to a value'],
    [
      'doubles its work with every level',
      { items: { anyOf: [{ $ref: '#' }, { $ref: '#' }] } },
      'would apply to a value',
    ],
    ['compares all items with all', { type: 'array', uniqueItems: true }, 'uniqueItems needs a maxItems'],
    ['is found while it runs', { $dynamicRef: '#x' }, '$dynamicRef is not supported'],
    ['is huge', { allOf: Array.from({ length: 1_001 }, () => ({ type: 'string' })) }, 'more than 500 objects'],
  ])('that %s is not run', async (_case, schema, reason) => {
    expect(schemaVerdict(schema)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string });
    expect(await problems({ any: 'thing' }, schema)).toEqual([]);
  });

  it('may be recursive through the members of a value', async () => {
    const tree = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } };
    expect(schemaVerdict(tree)).toMatchObject({ ok: true });
    expect(await problems({ children: [{ children: [7] }] }, tree)).toEqual([
      { pointer: '/payload/children/0/children/0', detail: 'Must be object' },
    ]);
  });
});
