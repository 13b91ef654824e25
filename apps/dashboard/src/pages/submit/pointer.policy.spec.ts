import { pointerOf, stepsOf, valueAt, withValueAt } from './pointer.policy.js';

const payload = { sources: [{ name: 'a' }], 'a/b~c': { deep: 1 } };

describe('pointers', () => {
  it.each([
    ['', []],
    ['/sources/0/name', ['sources', '0', 'name']],
    ['/a~1b~0c', ['a/b~c']],
  ])('lead by names and indices: %s', (pointer, steps) => {
    expect(stepsOf(pointer)).toEqual(steps);
    expect(pointerOf(steps)).toBe(pointer);
  });

  it.each([
    ['/sources/0/name', 'a'],
    ['/a~1b~0c/deep', 1],
    ['/sources/1/name', undefined],
    ['/sources/length', undefined],
    ['/toString', undefined],
  ])('find what is there, and nothing else: %s', (pointer, value) => {
    expect(valueAt(payload, pointer)).toBe(value);
  });

  it('change one place and leave the rest as it is', () => {
    const changed = withValueAt(payload, '/sources/0/name', 'b');
    expect(changed).toEqual({ ...payload, sources: [{ name: 'b' }] });
    expect(payload.sources).toEqual([{ name: 'a' }]);
    expect(withValueAt(payload, '/sources/-', { name: 'c' })['sources']).toEqual([{ name: 'a' }, { name: 'c' }]);
    expect(withValueAt({}, '/chart/kind', 'bar')).toEqual({ chart: { kind: 'bar' } });
  });
});
