import { maskText, maskValue, secretsOf } from './masking.policy.js';

const variables = [
  { name: 'URL', description: '', secret: true },
  { name: 'TOKEN', description: '', secret: true },
  { name: 'USER_NAME', description: '', secret: false },
];
const secretsIn = (values: Record<string, string>) => secretsOf({ variables }, new Map(Object.entries(values)));

describe('masking', () => {
  it('finds a secret in every spelling', () => {
    const secrets = secretsIn({ TOKEN: 'p+ss w"rd' });
    const spelled = ['p+ss w"rd', 'p%2Bss%20w%22rd', 'p+ss w\\"rd', Buffer.from('p+ss w"rd').toString('base64')];
    for (const text of spelled) expect(maskText(`<${text}>`, secrets)).toBe('<***>');
  });

  it('finds the password of an address', () => {
    const secrets = secretsIn({ URL: 'postgresql://me:s%40cret1@host/db' });
    expect(maskText('password s@cret1 of me', secrets)).toBe('password *** of me');
  });

  it('leaves alone what is no secret or too short to be one', () => {
    const secrets = secretsIn({ USER_NAME: 'everybody', TOKEN: 'abc' });
    expect(maskText('everybody knows abc', secrets)).toBe('everybody knows abc');
  });

  it('masks texts and names deep inside of a value', () => {
    const secrets = secretsIn({ TOKEN: 'topsecret' });
    expect(maskValue({ a: [{ 'x-topsecret': 1 }, null, 'topsecret!'] }, secrets)).toEqual({
      a: [{ 'x-***': 1 }, null, '***!'],
    });
  });
});
