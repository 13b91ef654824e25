import { z } from 'zod';

import { fieldProblems, jsonPointer } from './field-problems.js';

const Chart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['bar', 'line']), x: z.string(), y: z.union([z.string(), z.array(z.string())]) }),
  z.strictObject({ kind: z.literal('pie'), x: z.string() }),
]);

const Query = z.strictObject({ sql: z.string(), chart: Chart.optional(), size: z.union([z.int(), z.literal('all')]) });

const problems = (value: unknown) => {
  const { error } = Query.safeParse(value);
  return error === undefined ? [] : fieldProblems(error).map(({ pointer, detail }) => `${pointer}: ${detail}`);
};

const good = { sql: 'select 1', size: 1 };

describe('what is wrong with a value', () => {
  it('is every fault of it, unknown fields too', () => {
    expect(problems({ size: 1.5, colour: 'red', 'a/b': 1 })).toEqual([
      '/sql: Invalid input: expected string, received undefined',
      expect.stringMatching(/^\/size: /),
      '/colour: Unknown field',
      '/a~1b: Unknown field',
    ]);
  });

  it('is, of a union, what is wrong with the branch that was meant', () => {
    expect(problems({ ...good, chart: { kind: 'pie', y: 'a', x: 7 } })).toEqual([
      '/chart/x: Invalid input: expected string, received number',
      '/chart/y: Unknown field',
    ]);
    expect(problems({ ...good, chart: { kind: 'bar', x: 'a', y: ['b', 7] } })).toEqual([
      '/chart/y/1: Invalid input: expected string, received number',
    ]);
  });

  it('is, of branches with as many faults, what is wrong with the one that fits further', () => {
    const Named = z.union([
      z.record(z.string(), z.record(z.string(), z.string())),
      z.record(z.string(), z.array(z.int())),
    ]);
    const pointers = (value: unknown) =>
      fieldProblems(Named.safeParse(value).error ?? new z.ZodError([])).map(({ pointer }) => pointer);
    expect(pointers({ a: [1, 'x'] })).toEqual(['/a/1']);
    expect(pointers({ a: { b: 1 } })).toEqual(['/a/b']);
  });

  it('is what there is to choose from when no branch was meant', () => {
    expect(problems({ ...good, chart: { kind: 'cake' } })).toEqual([
      '/chart/kind: Must be one of "bar", "line", "pie"',
    ]);
    expect(problems({ ...good, size: true })).toEqual([
      '/size: Invalid input: expected number, received boolean, or: Invalid input: expected "all"',
    ]);
  });

  it('is never more than 20 entries', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, n]));
    expect(problems({ ...good, ...many })).toHaveLength(20);
  });
});

describe('a pointer', () => {
  it('is short, and a text that can be stored, whatever the names are', () => {
    expect(jsonPointer(['a/b~', 0, 'x'.repeat(500), '\u0000\ud800'])).toBe(`/a~1b~0/0/${'x'.repeat(100)}/\uFFFD\uFFFD`);
  });
});
