import { type OperationDescription } from '@pulser/contracts';

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
