import { childIdOf } from './child-id.policy.js';

const parent = '019a1234-5678-7fff-bfff-ffffffffffff';

describe('the id of a child', () => {
  it('is the same for the same parent and key, and another for another', () => {
    expect(childIdOf(parent, 'a')).toBe(childIdOf(parent, 'a'));
    expect(new Set(['a', 'b', ''].map((key) => childIdOf(parent, key))).size).toBe(3);
    expect(childIdOf('019a1234-5678-7fff-bfff-fffffffffff0', 'a')).not.toBe(childIdOf(parent, 'a'));
  });

  it('is a UUIDv7 after its parent, a millisecond later', () => {
    for (let n = 0; n < 100; n += 1) {
      const id = childIdOf(parent, String(n));
      expect(id).toMatch(/^019a1234-5679-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(id > parent).toBe(true);
    }
    expect(childIdOf('0199ffff-ffff-7000-8000-000000000000', 'a')).toMatch(/^019a0000-0000-7/);
  });
});
