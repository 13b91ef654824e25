import { placeOf } from './json-place.policy.js';

const text = '{\n  "sources": [{ "name": "a b" }, {}],\n  "a/b": { "sql": 1 },\n  "sql": "select 1"\n}';

const marked = (pointer: string): string => {
  const { from, to } = placeOf(text, pointer);
  return text.slice(from, to);
};

describe('the place of a pointer in a text', () => {
  it.each([
    ['/sql', '"select 1"'],
    ['/a~1b/sql', '1'],
    ['/sources/0/name', '"a b"'],
    ['/a~1b', '"a/b"'],
    ['/sources', '"sources"'],
  ])('is the member itself: %s', (pointer, expected) => {
    expect(marked(pointer)).toBe(expected);
  });

  it.each([
    ['/sources/1/name', '{'],
    ['/missing', '{'],
    ['/a~1b/missing/deeper', '"a/b"'],
    ['/sql/below', '"select 1"'],
    ['', '{'],
  ])('is the nearest thing that is there: %s', (pointer, expected) => {
    expect(marked(pointer)).toBe(expected);
  });

  it('is found in a text that is no JSON yet', () => {
    const broken = '{ "sql": "select 1", "x": }';
    const { from, to } = placeOf(broken, '/sql');
    expect(broken.slice(from, to)).toBe('"select 1"');
  });
});
