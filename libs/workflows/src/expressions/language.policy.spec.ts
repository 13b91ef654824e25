import { evaluateCel, evaluatePath, celValue, readCel, readPath } from './language.js';

const scope = {
  inputs: { limit: 3 },
  steps: { a: { status: 'completed', result: { rows: 7, names: ['x', 'y'], ratio: 0.5 } } },
};

const cel = (text: string): unknown => evaluateCel(text, celValue(scope) as Record<string, unknown>);

describe('what an expression reads', () => {
  it('is known before it is evaluated: steps, inputs and other names', () => {
    expect(readCel('steps.a.result.rows > inputs.limit && steps["b"].ok && item > 1')).toEqual({
      kind: 'read',
      steps: ['b', 'a'],
      inputs: ['limit'],
      roots: ['item'],
    });
    expect(readPath('$.steps.a.result.rows[?@.x > 1]')).toMatchObject({ kind: 'read', steps: ['a'] });
    expect(readPath("$['inputs']['limit']")).toMatchObject({ inputs: ['limit'] });
  });

  it('leaves out the names that a macro binds', () => {
    expect(readCel('steps.a.result.names.exists(name, name == "x")')).toMatchObject({ roots: [] });
  });

  it.each([
    'steps.a.result.name.matches("(a+)+$")',
    'matches("aaaa", "(a+)+$")',
    'steps[inputs.which].result',
    'steps.a.result.rows >',
    `"${'x'.repeat(1_100)}" == "x"`,
    `[${'1,'.repeat(600)}1].size() > 0`,
  ])('is refused for %s', (text) => {
    expect(readCel(text).kind).toBe('refused');
  });

  it.each([
    '$.steps.*.result',
    '$..result',
    '$.steps',
    '$.steps.a.rows[?@.x == $.steps.b.y]',
    "$[?match(@, 'a+')]",
    'x',
  ])('is refused for the path %s', (text) => {
    expect(readPath(text).kind).toBe('refused');
  });
});

describe('evaluating', () => {
  it.each([
    ['steps.a.result.rows * 2', 14],
    ['steps.a.result.rows % inputs.limit', 1],
    ['steps.a.result.rows > 6.5', true],
    ['steps.a.result.ratio < 1', true],
    ['has(steps.a.result.missing)', false],
    ['steps.a.result.?missing.orValue("none")', 'none'],
    ['steps.a.result.names.map(name, name + "!")', ['x!', 'y!']],
    ['"artifact:" + steps.a.status', 'artifact:completed'],
    ['{"n": steps.a.result.rows, "list": [1, "two"]}', { n: 7, list: [1, 'two'] }],
  ])('gives JSON: %s', (text, expected) => {
    expect(cel(text)).toEqual(expected);
  });

  it('takes one value of a path that can find only one, else a list', () => {
    expect(evaluatePath('$.steps.a.result.rows', scope)).toBe(7);
    expect(evaluatePath('$.steps.a.result.names[*]', scope)).toEqual(['x', 'y']);
    expect(evaluatePath('$.steps.a.result.nothing', scope)).toBeUndefined();
  });
});
