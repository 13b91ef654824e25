import { UsageError } from '../command.js';
import { grantOf, keyLine, overlapOf, secondsOf } from './keys.command.js';

const usual = { name: 'ci', role: 'operator' };

describe('the options of a key', () => {
  it('make one for every type that lives until it is revoked, unless they say otherwise', () => {
    expect(grantOf(usual)).toEqual({
      ...{ name: 'ci', role: 'operator', allowedTaskTypes: null, tools: null, expiresInS: null },
    });
  });

  it('name types and a time span', () => {
    const grant = grantOf({ ...usual, taskTypes: 'analytics, testing', tools: 'read, github__*', expiresIn: '30d' });
    expect(grant).toMatchObject({
      ...{ allowedTaskTypes: ['analytics', 'testing'], tools: ['read', 'github__*'], expiresInS: 2_592_000 },
    });
  });

  it.each([
    ['name', { ...usual, name: ' ' }],
    ['role', { ...usual, role: 'root' }],
    ['task-types', { ...usual, taskTypes: 'Cooking' }],
    ['task-types', { ...usual, taskTypes: 'testing,testing' }],
    ['task-types', { ...usual, taskTypes: '' }],
    ['tools', { ...usual, tools: 'a b' }],
    ['expires-in', { ...usual, expiresIn: 'soon' }],
    ['expires-in', { ...usual, expiresIn: '1s' }],
  ])('are refused when --%s is none: %j', (option, options) => {
    expect(() => grantOf(options)).toThrow(`--${option}`);
  });

  it.each(['long', '31d'])('let a replaced key live on for 30 days at most, and not %s', (overlap) => {
    expect(overlapOf('30d')).toBe(2_592_000);
    expect(() => overlapOf(overlap)).toThrow('--overlap');
  });

  it('throw a UsageError when they are wrong', () => {
    expect(() => overlapOf('long')).toThrow(UsageError);
  });
});

describe('a time span', () => {
  it.each([
    ['0s', 0],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
    ['3650d', 315_360_000],
  ])('%s has %i seconds', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });

  it.each(['', '30', 'd', '-1d', '1.5h', '1w', '30 d', '3651d', '30D'])('is not %j', (text) => {
    expect(secondsOf(text)).toBeUndefined();
  });
});

describe('a key in the list', () => {
  it('is one line, whatever its name is made of', () => {
    const rights = { role: 'admin', allowedTaskTypes: null, tools: null } as const;
    const key = { ...rights, keyId: 'k', prefix: 'pulser_a', state: 'active' } as const;
    const never = { expiresAt: null, lastUsedAt: null, revokedAt: null, rotatedFrom: null, createdAt: new Date(0) };
    const line = keyLine({ ...key, ...never, name: 'a\u001b[31mRED\nfake line\u202e' });
    expect(line).toContain('a.[31mRED.fake line.');
    expect(line.split('\n')).toHaveLength(1);
  });
});
