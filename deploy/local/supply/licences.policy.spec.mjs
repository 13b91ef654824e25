import { satisfies, unfitLicences } from './licences.policy.mjs';

const allowed = new Set(['MIT', 'ISC', 'GPL-2.0-only WITH Classpath-exception-2.0']);

describe('a licence', () => {
  it.each([
    ['MIT', true],
    ['GPL-2.0-only', false],
    ['(MIT OR GPL-2.0-only)', true],
    ['GPL-2.0-only OR MIT', true],
    ['MIT AND GPL-2.0-only', false],
    ['MIT AND ISC', true],
    ['GPL-2.0-only AND MIT OR ISC', true],
    ['GPL-2.0-only AND (MIT OR ISC)', false],
    ['(MIT OR GPL-2.0-only) AND (ISC)', true],
    ['GPL-2.0-only WITH Classpath-exception-2.0', true],
    ['MIT WITH Classpath-exception-2.0', false],
    ['(MIT', false],
    ['MIT ISC', false],
    ['MIT OR', false],
    ['MIT AND', false],
    ['', false],
    ['SEE LICENSE IN LICENSE.md', false],
    ['UNLICENSED', false],
  ])('%j: %s', (expression, fits) => {
    expect(satisfies(expression, allowed)).toBe(fits);
  });

  it('that is missing or old-fashioned needs a reason', () => {
    const locked = [{ name: 'a' }, { name: 'b', license: { type: 'MIT' } }, { name: 'c', license: 'MIT' }];
    expect(unfitLicences(locked, { allowed, explained: {} })).toEqual(['a undefined', 'b {"type":"MIT"}']);
    expect(unfitLicences(locked, { allowed, explained: { a: 'its LICENSE file is the MIT one' } })).toHaveLength(1);
  });
});
