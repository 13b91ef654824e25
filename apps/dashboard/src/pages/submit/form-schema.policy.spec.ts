import { asBranch, asJson, branchOf, formSchemaOf, formUiOf } from './form-schema.policy.js';

const pie = { type: 'object', properties: { kind: { const: 'pie' }, x: { type: 'string' } }, required: ['kind', 'x'] };
const line = {
  type: 'object',
  properties: { kind: { enum: ['bar', 'line'] }, x: { type: 'string' }, y: { type: 'string' } },
  required: ['kind', 'x', 'y'],
};

const titlesOf = (branches: readonly unknown[]): unknown[] =>
  (formSchemaOf({ oneOf: branches }) as { oneOf: { title: string }[] }).oneOf.map(({ title }) => title);

describe('the schema of a form', () => {
  it('names the kinds of a union by what tells them apart', () => {
    expect(titlesOf([pie, line])).toEqual(['pie', 'bar, line']);
    expect(titlesOf([{ type: 'string' }, { type: 'null' }, { type: 'array' }])).toEqual(['text', 'null', 'list']);
    expect(
      titlesOf([
        { type: 'object', required: ['url'] },
        { type: 'object', required: ['content', 'name'] },
      ]),
    ).toEqual(['with url', 'with content, name']);
    expect(titlesOf([{ type: 'string', pattern: 'a' }, { type: 'string' }])).toEqual(['text (1)', 'text (2)']);
    expect(titlesOf([{ title: 'Mine', type: 'string' }])).toEqual(['Mine']);
  });

  it('does so however deep they are', () => {
    const schema = formSchemaOf({
      properties: { a: { type: 'array', items: { anyOf: [pie] } } },
      $defs: { b: { oneOf: [line] } },
    });
    expect(JSON.stringify(schema)).toContain('"title":"pie"');
    expect(JSON.stringify(schema)).toContain('"title":"bar, line"');
  });

  it('has a field for what may be anything', () => {
    const schema = formSchemaOf({
      properties: { a: {}, b: { type: 'array', items: { description: 'x' } }, c: { type: 'string' } },
    });
    expect(formUiOf(schema)).toEqual({ a: { 'ui:field': 'anything' }, b: { items: { 'ui:field': 'anything' } } });
  });
});

describe('a value of one of several kinds', () => {
  it.each([
    [undefined, 0],
    [{ kind: 'pie', x: 'a' }, 0],
    [{ kind: 'line', x: 'a', y: 'b' }, 1],
    [{ kind: 'bar' }, 1],
    [{ y: 'b' }, 1],
    ['text', -1],
  ])('is known by its value, also while it is not complete: %j', (value, branch) => {
    expect(branchOf([pie, line], value, {})).toBe(branch);
  });

  it('keeps what another kind has too', () => {
    expect(asBranch(pie, { kind: 'line', x: 'a', y: 'b' }, {})).toEqual({ kind: 'pie', x: 'a' });
    expect(asBranch(line, { kind: 'pie', x: 'a' }, {})).toEqual({ x: 'a' });
    expect(asBranch({ type: 'array' }, 'a', {})).toEqual([]);
    expect(asBranch({ type: 'null' }, 'a', {})).toBeNull();
    expect(asBranch({ type: 'string' }, ['a'], {})).toBeUndefined();
  });
});

describe('what a form made', () => {
  it('leaves out what was emptied, but for items of lists', () => {
    expect(asJson({ a: undefined, b: ['x', undefined, { c: undefined }], d: null })).toEqual({
      b: ['x', '', {}],
      d: null,
    });
  });
});
