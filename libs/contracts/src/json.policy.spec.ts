import {
  hasForbiddenKey,
  isForbiddenName,
  isJsonMediaType,
  jsonFault,
  jsonLimits,
  plainText,
  readJson,
  storableText,
} from './json.js';

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

const wide = (keys: number): object => Object.fromEntries(Array.from({ length: keys }, (_, n) => [`k${String(n)}`, n]));

describe('JSON from outside', () => {
  it('may be as deep as the limit, and no deeper', () => {
    expect(jsonFault(nested(jsonLimits.maxDepth))).toBeUndefined();
    expect(jsonFault(nested(jsonLimits.maxDepth + 1))?.problem).toBe('too deep');
  });

  it('may have as many keys as the limit, over all its objects, and no more', () => {
    expect(jsonFault(wide(jsonLimits.maxKeys))).toBeUndefined();
    expect(jsonFault([wide(jsonLimits.maxKeys), { one: 'more' }])?.problem).toBe('too many keys');
  });

  it.each([
    ['a __proto__ key', '{"a":[{"__proto__":1}]}', 'forbidden key'],
    ['a constructor that has a prototype', '{"constructor":{"prototype":{}}}', 'forbidden key'],
    ['a NUL character in a text', '["a\\u0000"]', 'NUL character'],
    ['a NUL character in a key', '{"a\\u0000":1}', 'NUL character'],
    ['half a surrogate pair', '["\\ud800"]', 'broken Unicode'],
    ['a number beyond all doubles', '[1e400]', 'number too large'],
  ])('is refused for %s', (_case, json, problem) => {
    expect(jsonFault(JSON.parse(json))?.problem).toBe(problem);
  });

  it('may have a column that is called constructor', () => {
    expect(jsonFault(JSON.parse('{"rows":[{"constructor":"Ferrari","prototype":"F1-75"}]}'))).toBeUndefined();
  });
});

describe('the member for which JSON is refused', () => {
  it.each([
    ['a text', '{"a":{"b":["x","\\u0000"]}}', ['a', 'b', 1]],
    ['a key', '{"a":[{"b\\ud800":1}]}', ['a', 0, 'b\ud800']],
    ['a number', '{"a":{"b":1e999}}', ['a', 'b']],
    ['a forbidden key', '{"rows":[1,{"__proto__":1}]}', ['rows', 1, '__proto__']],
  ])('is %s', (_case, json, path) => {
    expect(jsonFault(JSON.parse(json))?.path).toEqual(path);
  });

  it('is the first one beyond the limit', () => {
    expect(jsonFault({ a: nested(40) })?.path).toEqual([
      'a',
      ...Array.from({ length: jsonLimits.maxDepth - 1 }, () => 0),
    ]);
    expect(jsonFault({ rows: [wide(1_200)] })?.path).toEqual(['rows', 0, 'k999']);
  });
});

describe('a free text', () => {
  const long = 'x'.repeat(11);

  it.each(['\u0000', 'a\u0000b', '\ud800', '\udc00x', long])('is never %j', (text) => {
    expect([plainText(10), storableText(10)].map((schema) => schema.safeParse(text).success)).toEqual([false, false]);
  });

  it.each(['x', '\u{1f600}', '\u0001', '\ufffe', 'a\tb'])('may be %j', (text) => {
    expect([plainText(10), storableText(10)].map((schema) => schema.safeParse(text).success)).toEqual([true, true]);
  });

  it('for people is more than space', () => {
    expect([storableText(10).safeParse(' ').success, storableText(10).parse(' x ')]).toEqual([false, 'x']);
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
