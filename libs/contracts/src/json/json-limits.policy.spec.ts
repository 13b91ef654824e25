import { jsonLimits, jsonProblem } from './json-limits.policy.js';

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
