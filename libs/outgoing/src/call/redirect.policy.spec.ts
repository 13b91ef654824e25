import { type Hop, nextHop } from './redirect.policy.js';

const headers = {
  accept: 'text/csv',
  authorization: 'Bearer a',
  cookie: 'b',
  'content-type': 'text/plain',
  'x-key': 'c',
};

const hop = (method: Hop['method'], url = 'https://a.dev/x?y'): Hop => ({
  url: new URL(url),
  method,
  headers,
  body: method === 'GET' || method === 'HEAD' ? null : 'body',
});

describe('the method of the next request', () => {
  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ] as const)('after %d to a %s is %s', (status, method, next) => {
    expect(nextHop(hop(method), status, '/z')?.method).toBe(next);
  });

  it('decides about the body and the headers that describe it', () => {
    expect(nextHop(hop('POST'), 303, '/z')).toMatchObject({ body: null, url: 'https://a.dev/z' });
    expect(nextHop(hop('POST'), 303, '/z')?.headers).not.toHaveProperty('content-type');
    expect(nextHop(hop('POST'), 307, '/z')).toMatchObject({ body: 'body', headers });
  });
});

describe('the headers of the next request', () => {
  it('stay the same within one origin', () => {
    expect(nextHop(hop('GET'), 302, 'https://a.dev:443/z')?.headers).toEqual(headers);
  });

  it.each(['https://b.dev/', '//b.dev/', 'https://a.dev:8443/', 'https://a.dev.b.dev/'])(
    'hold no key of the caller when it leads to %s',
    (location) => {
      const kept = { accept: 'text/csv', 'content-type': 'text/plain' };
      expect(nextHop(hop('POST'), 307, location)?.headers).toEqual(kept);
    },
  );

  it('lose their keys on the way from http to https', () => {
    expect(nextHop(hop('GET', 'http://a.dev/'), 301, 'https://a.dev/')?.headers).not.toHaveProperty('authorization');
  });
});

describe('an answer', () => {
  it('is the end when it is no redirect or names no place', () => {
    for (const status of [200, 201, 300, 304, 305, 306, 309, 404])
      expect(nextHop(hop('GET'), status, '/z')).toBeUndefined();
    expect(nextHop(hop('GET'), 302, undefined)).toBeUndefined();
  });

  it('may not lead from https to http, nor to nowhere', () => {
    expect(() => nextHop(hop('GET'), 302, 'http://a.dev/')).toThrow(
      expect.objectContaining({ code: 'redirect_downgrade' }) as Error,
    );
    expect(() => nextHop(hop('GET'), 302, 'http://[')).toThrow(
      expect.objectContaining({ code: 'redirect_invalid' }) as Error,
    );
  });
});
