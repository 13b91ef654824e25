import { places, plan, validate } from './run.js';

const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from(
    { length: 9 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`,
  ),
].join('\n');

/** @param milliseconds of processor time: a busy machine does not stretch it */
const within = async <T>(milliseconds: number, work: () => Promise<T>): Promise<T> => {
  const start = process.cpuUsage();
  const result = await work();
  expect(process.cpuUsage(start).user).toBeLessThan(milliseconds * 1_000);
  return result;
};

describe('a hostile text', () => {
  it.each([
    ['aliases that multiply', bomb],
    ['an alias of what it stands in', 'a: &a [*a]'],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['100,000 open braces', '{a: '.repeat(100_000)],
    ['100,000 lists in one line', `${'- '.repeat(100_000)}x`],
    ['100,000 keys in one line', '? '.repeat(100_000)],
    ['levels beyond any file', Array.from({ length: 400 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
    ['300,000 items', '- a\n'.repeat(249_000)],
  ])('%s are refused as too large', async (_, text) => {
    expect(places(await within(15_000, () => validate('kubernetes', text)))).toEqual(['yaml-too-large 1']);
  });

  it.each([
    ['an unknown alias', 'a: *b', 'yaml-syntax 1'],
    ['a merge of no map', '<<: 1\na: b', 'yaml-syntax 1'],
    ['a key that is a list', 'a: 1\n? [b]\n: c', 'yaml-syntax 2'],
    ['keys twice', 'a: 1\nb: 2\na: 3', 'yaml-duplicate-key 3'],
    ['keys of JavaScript', 'a: 1\n__proto__: { polluted: true }', 'yaml-reserved-key 2'],
    ['anchors without end', `${'&a '.repeat(100_000)}x`, 'yaml-syntax 1'],
  ])('%s is said with its line', async (_, text, place) => {
    expect(places(await within(15_000, () => validate('compose', text)))).toContain(place);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('with names of JavaScript as keys is read like any other', async () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { constructor: x, toString: y, hasOwnProperty: z }';
    expect(places(await validate('kubernetes', text))).toEqual([]);
    expect((await plan('kubernetes', text, text.replace('z }', 'w }'))).changes[0]?.words).toEqual([
      'data.hasOwnProperty changes from "z" to "w"',
    ]);
  });

  it('with 30,000 aliases, or 15,000 merges, is read in time', async () => {
    const aliases = `x: &a b\n${Array.from({ length: 30_000 }, (_, index) => `k${index}: *a`).join('\n')}`;
    const merge = (index: number): string => `k${index}: &a${index} { z: 1 }\nm${index}: { <<: *a${index} }`;
    const merges = Array.from({ length: 15_000 }, (_, index) => merge(index)).join('\n');
    expect(places(await within(15_000, () => validate('kubernetes', [aliases, merges])))).toEqual([
      'missing-field 1',
      'missing-field 1',
    ]);
  });

  it('of a megabyte with 60,000 keys is read', async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `  key${index}: v`).join('\n');
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n${lines}`;
    expect(places(await within(15_000, () => validate('kubernetes', text)))).toEqual([]);
  });

  it('is no plan: the first thing that is wrong is named', async () => {
    await expect(plan('compose', 'services: {}', 'services:\n  a: [')).rejects.toMatchObject({
      code: 'document_unreadable',
      facts: { details: { line: 2, rule: 'yaml-syntax' } },
    });
  });
});
