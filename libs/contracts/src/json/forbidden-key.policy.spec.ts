import { hasForbiddenKey, isForbiddenName } from './forbidden-key.policy.js';

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
