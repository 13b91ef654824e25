import { hasForbiddenKey, isForbiddenName, isJsonMediaType, jsonLimits, jsonProblem, readJson } from './json.js';

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

const wide = (keys: number): object => Object.fromEntries(Array.from({ length: keys }, (_, n) => [`k${String(n)}`, n]));

describe('JSON from outside', () => {
  it('may be as deep as the limit, and no deeper', () => {
    expect(jsonProblem(nested(jsonLimits.maxDepth))).toBeUndefined();
    expect(jsonProblem(nested(jsonLimits.maxDepth + 1))).toBe('too deep');
  });

  it('may have as many keys as the limit, over all its objects, and no more', () => {
    expect(jsonProblem(wide(jsonLimits.maxKeys))).toBeUndefined();
    expect(jsonProblem([wide(jsonLimits.maxKeys), { one: 'more' }])).toBe('too many keys');
  });

  it.each([
    ['a __proto__ key', '{"a":[{"__proto__":1}]}', 'forbidden key'],
    ['a constructor that has a prototype', '{"constructor":{"prototype":{}}}', 'forbidden key'],
    ['a NUL character in a text', '["a\\u0000"]', 'NUL character'],
    ['a NUL character in a key', '{"a\\u0000":1}', 'NUL character'],
    ['half a surrogate pair', '["\\ud800"]', 'broken Unicode'],
    ['a number beyond all doubles', '[1e400]', 'number too large'],
  ])('is refused for %s', (_case, json, problem) => {
    expect(jsonProblem(JSON.parse(json))).toBe(problem);
  });

  it('may have a column that is called constructor', () => {
    expect(jsonProblem(JSON.parse('{"rows":[{"constructor":"Ferrari","prototype":"F1-75"}]}'))).toBeUndefined();
  });
});

describe('a forbidden key', () => {
  it.each([
    '{"__proto__":1}',
    '{"a":[{"b":{"__proto__":{}}}]}',
    '[{"constructor":{"prototype":{"x":1}}}]',
    '{"\\u005f_proto__":1}',
  ])('is found in %s', (json) => {
    expect(hasForbiddenKey(JSON.parse(json))).toBe(true);
  });

  it.each(['{"constructor":"Ferrari","prototype":"F1"}', '{"constructor":{"name":1}}', '["__proto__"]', 'null', '1'])(
    'is none in %s',
    (json) => {
      expect(hasForbiddenKey(JSON.parse(json))).toBe(false);
    },
  );

  it('is found where a parser made it the prototype', () => {
    const headers: Record<string, unknown> = {};
    headers['__proto__'] = { admin: true };
    expect(hasForbiddenKey({ nested: [headers] })).toBe(true);
    expect(hasForbiddenKey({ bytes: Buffer.from('x'), none: Object.create(null) as unknown })).toBe(false);
  });

  it('is looked for without a limit of depth', () => {
    const deep = `${'['.repeat(300_000)}{"__proto__":1}${']'.repeat(300_000)}`;
    expect(hasForbiddenKey(JSON.parse(deep))).toBe(true);
  });

  it.each([
    '__proto__',
    '__PROTO__',
    '__proto__[x]',
    '__proto__.x',
    'constructor.prototype',
    'constructor[prototype][x]',
  ])('is read in the name %s', (name) => {
    expect(isForbiddenName(name)).toBe(true);
  });

  it.each(['constructor', 'prototype', 'x-__proto__', '__proto__x', 'limit'])('is not read in the name %s', (name) => {
    expect(isForbiddenName(name)).toBe(false);
  });
});

const read = (body: string | Buffer, maxBytes?: number) => readJson(Buffer.from(body as string), maxBytes);

describe('a JSON body', () => {
  it('is what it says', () => {
    expect(read('{"a":[1,"é",null]}')).toEqual({ kind: 'read', value: { a: [1, 'é', null] } });
  });

  it('may begin with a byte order mark', () => {
    expect(read('\uFEFF{}')).toEqual({ kind: 'read', value: {} });
  });

  it.each([
    ['nothing', '', 'notJson'],
    ['space', ' \n', 'notJson'],
    ['half of it', '{"a":', 'notJson'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'notJson'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'notJson'],
    ['a surrogate written in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'notJson'],
    ['a forbidden key', '{"__proto__":{}}', 'forbiddenKey'],
    ['a forbidden key with escapes', '{"\\u005F\\u005fproto__":1}', 'forbiddenKey'],
  ])('is refused for %s', (_case, body, why) => {
    expect(read(body)).toMatchObject({ kind: 'refused', why });
  });

  it('is refused above its limit of bytes, not of characters', () => {
    expect(read('"éé"', 6)).toMatchObject({ kind: 'read' });
    expect(read('"ééé"', 6)).toMatchObject({ kind: 'refused', why: 'tooLarge' });
  });

  it.each([
    '{"password":"hunter2",}',
    '{"password":hunter2}',
    'hunter2',
    '{"a":"hunter2\n"}',
    '["hunter2" 1]',
    '{"hunter2',
  ])('is not repeated in its refusal: %j', (body) => {
    expect(JSON.stringify(read(body))).not.toContain('hunter2');
  });

  it('says where it is wrong when that is known', () => {
    expect(read('{"a":"\n"}')).toMatchObject({ detail: 'It is not JSON at position 6' });
  });
});

describe('a media type', () => {
  it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json ;x'])(
    '%j is JSON',
    (type) => {
      expect(isJsonMediaType(type)).toBe(true);
    },
  );

  it.each(['', 'text/plain', 'application/jsonx', 'application/problem+json', 'json', 'application / json'])(
    '%j is another',
    (type) => {
      expect(isJsonMediaType(type)).toBe(false);
    },
  );
});
