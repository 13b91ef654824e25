import { fits, problemsOf } from './payload-problems.policy.js';

const text = { type: 'string', minLength: 1, maxLength: 5 };
const kindOf = (kind: string, more: object): object => ({
  type: 'object',
  properties: { kind: { type: 'string', const: kind }, x: text, ...more },
  required: ['kind', 'x', ...Object.keys(more)],
  additionalProperties: false,
});

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    operation: { type: 'string', const: 'query' },
    sql: text,
    rows: { type: 'integer', minimum: 1, maximum: 10 },
    names: { type: 'array', items: { $ref: '#/$defs/name' }, maxItems: 2, uniqueItems: true },
    format: { type: 'string', enum: ['csv', 'json'] },
    quote: { anyOf: [text, { type: 'null' }] },
    chart: { oneOf: [kindOf('pie', {}), kindOf('bar', { y: text })] },
  },
  required: ['operation', 'sql'],
  additionalProperties: false,
  $defs: { name: { type: 'string', pattern: '^[a-z]+$' } },
};

const good = { operation: 'query', sql: 'a' };

describe('the problems of a payload', () => {
  it('are none where it fits', () => {
    expect(problemsOf(schema, { ...good, rows: 3, names: ['a'], quote: null, chart: { kind: 'pie', x: 'a' } })).toEqual(
      [],
    );
  });

  it.each([
    [{ operation: 'query' }, '/sql', 'Is required'],
    [{ ...good, sql: '' }, '/sql', 'Must not be empty'],
    [{ ...good, sql: 'too long' }, '/sql', 'At most 5 characters'],
    [{ ...good, operation: 'x' }, '/operation', 'Must be "query"'],
    [{ ...good, rows: 'x' }, '/rows', 'Must be a whole number'],
    [{ ...good, rows: 1.5 }, '/rows', 'Must be a whole number'],
    [{ ...good, rows: 11 }, '/rows', 'At most 10'],
    [{ ...good, names: ['A'] }, '/names/0', 'Must fit the pattern ^[a-z]+$'],
    [{ ...good, names: ['a', 'b', 'c'] }, '/names', 'At most 2 items'],
    [{ ...good, format: 'xml' }, '/format', 'Must be one of "csv", "json"'],
    [{ ...good, extra: 1 }, '/extra', 'Is no member of this object'],
    [{ ...good, 'a/b c': 1 }, '/a~1b c', 'Is no member of this object'],
    [{ ...good, chart: { kind: 'bar', x: 'a' } }, '/chart/y', 'Is required'],
    [{ ...good, chart: { kind: 'pie', x: 'a', y: 'b' } }, '/chart/y', 'Is no member of this object'],
    [{ ...good, chart: { kind: 'bar', x: '', y: 'b' } }, '/chart/x', 'Must not be empty'],
    [{ ...good, quote: 'too long' }, '/quote', 'At most 5 characters'],
  ])('are said once, at their member: %j', (payload, pointer, detail) => {
    expect(problemsOf(schema, payload)).toEqual([{ pointer, detail }]);
  });

  it('are those of every member', () => {
    const found = problemsOf(schema, { sql: '', rows: 0, chart: { kind: 'bar', x: 'a' } });
    expect(found.map(({ pointer }) => pointer).sort()).toEqual(['/chart/y', '/operation', '/rows', '/sql']);
  });

  it('are left to the API where the schema cannot be read here', () => {
    expect(problemsOf({ type: 'string', pattern: '(' }, 'a')).toEqual([]);
    expect(problemsOf({ $ref: '#/$defs/missing' }, 'a')).toEqual([]);
  });

  it('tell which part of a schema a value fits, wherever its references lead', () => {
    expect(fits({ $ref: '#/$defs/name' }, 'a', schema)).toBe(true);
    expect(fits({ $ref: '#/$defs/name' }, 'A', schema)).toBe(false);
    expect(fits({ $ref: '#/$defs/missing' }, 'A', schema)).toBe(false);
  });
});
