import { HookMapping } from '@pulser/contracts';

import { mapped, valueAt } from './mapping.policy.js';

describe('a body that is mapped into a payload', () => {
  const body = { repository: { name: 'pulser', 'a/b': 1, 'c~d': 2 }, commits: [{ id: 'x' }], none: null };

  it.each([
    ['', body],
    ['/repository/name', 'pulser'],
    ['/repository/a~1b', 1],
    ['/repository/c~0d', 2],
    ['/commits/0/id', 'x'],
    ['/none', null],
    ['/commits/1', undefined],
    ['/repository/toString', undefined],
    ['/repository/name/0', undefined],
  ])('is read at %s', (pointer, expected) => {
    expect(valueAt(body, pointer)).toEqual(expected);
  });

  it('fills in what the mapping names, and makes the objects on the way', () => {
    const payload = { operation: 'run', inputs: { list: ['a', 'b'], kept: 1 }, text: 'no object' };
    const map = [
      { from: '/repository/name', to: '/inputs/source/name' },
      { from: '/commits/0', to: '/inputs/list/1' },
      { from: '/none', to: '/inputs/nothing', default: 7 },
      { from: '', to: '/text/body' },
    ];
    const outcome = mapped(payload, map, { ...body, none: undefined });
    expect(outcome).toMatchObject({
      kind: 'mapped',
      payload: {
        operation: 'run',
        inputs: { source: { name: 'pulser' }, list: ['a', { id: 'x' }], kept: 1, nothing: 7 },
        text: { body: { commits: [{ id: 'x' }] } },
      },
    });
    expect(payload.inputs).toEqual({ list: ['a', 'b'], kept: 1 });
  });

  it('says where it has nothing', () => {
    expect(mapped({}, [{ from: '/a', to: '/b' }], body)).toEqual({ kind: 'missing', pointers: ['/a'] });
  });

  it.each(['/__proto__/x', '/a/constructor', '/prototype', 'a', '/a~2'])('cannot be put at %s', (to) => {
    expect(HookMapping.safeParse({ from: '', to }).success).toBe(false);
  });
});
