import { UsageError } from './command.js';
import { grantOf, overlapOf } from './key-options.policy.js';

const usual = { name: 'ci', role: 'operator' };

describe('the options of a key', () => {
  it('make one for every type that lives until it is revoked, unless they say otherwise', () => {
    expect(grantOf(usual)).toEqual({ name: 'ci', role: 'operator', allowedTaskTypes: null, expiresInS: null });
  });

  it('name types and a time span', () => {
    const grant = grantOf({ ...usual, 'task-types': 'analytics, testing', 'expires-in': '30d' });
    expect(grant).toMatchObject({ allowedTaskTypes: ['analytics', 'testing'], expiresInS: 2_592_000 });
  });

  it.each([
    ['name', { ...usual, name: ' ' }],
    ['role', { ...usual, role: 'root' }],
    ['task-types', { ...usual, 'task-types': 'cooking' }],
    ['task-types', { ...usual, 'task-types': 'testing,testing' }],
    ['task-types', { ...usual, 'task-types': '' }],
    ['expires-in', { ...usual, 'expires-in': 'soon' }],
    ['expires-in', { ...usual, 'expires-in': '1s' }],
  ])('are refused when --%s is none: %j', (option, options) => {
    expect(() => grantOf(options)).toThrow(`--${option}`);
  });

  it.each(['long', '31d'])('let a replaced key live on for 30 days at most, and not %s', (overlap) => {
    expect(overlapOf('30d')).toBe(2_592_000);
    expect(() => overlapOf(overlap)).toThrow('--overlap');
  });

  it('tell wrong calls from failures', () => {
    expect(() => overlapOf('long')).toThrow(UsageError);
  });
});
