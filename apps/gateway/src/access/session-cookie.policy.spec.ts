import { cookieIn, sessionSecretIn, setCookie } from './session-cookie.policy.js';

const secret = 'a'.repeat(43);

describe('the secret in a Cookie header', () => {
  it.each([
    `__Host-pulser=${secret}`,
    `a=b; __Host-pulser=${secret}`,
    `__Host-pulser-login=x;__Host-pulser=${secret};c=d`,
  ])('is found in %j', (header) => {
    expect(sessionSecretIn(header)).toBe(secret);
  });

  it.each([
    undefined,
    '',
    `pulser=${secret}`,
    `x__Host-pulser=${secret}`,
    `__host-pulser=${secret}`,
    '__Host-pulser=',
    `__Host-pulser=${secret}a`,
    `__Host-pulser="${secret}"`,
    `__Host-pulser=${secret.slice(1)}é`,
    `__Host-pulser=${secret}; __Host-pulser=${secret}`,
  ])('is not found in %j', (header) => {
    expect(sessionSecretIn(header)).toBeUndefined();
  });
});

describe('a cookie', () => {
  it('is for this host, over safe connections, and for no script', () => {
    expect(setCookie('__Host-x', 'y', { sameSite: 'Lax', maxAgeS: 600 })).toBe(
      '__Host-x=y; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax',
    );
  });

  it('may hold an equals sign', () => {
    expect(cookieIn('a=b=c', 'a')).toBe('b=c');
  });
});
