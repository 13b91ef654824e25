import type { LimitVerdict } from '@pulser/context-bus';

import { credentialOf, rateLimitHeaders } from './caller.js';

describe('the credential of a request', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER   abc'])('is a key in %j', (header) => {
    expect(credentialOf(header)).toEqual({ kind: 'key', text: 'abc' });
  });

  it.each(['e30.e30.c2ln', 'e30.e30.', 'e30..'])('is a token in "Bearer %s"', (text) => {
    expect(credentialOf(`Bearer ${text}`)).toEqual({ kind: 'token', text });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic abc',
    'Bearer a b',
    'Bearer é',
    `Bearer ${'x'.repeat(201)}`,
    `Bearer e30.${'x'.repeat(8_200)}.c2ln`,
  ])('is not in %j', (header) => {
    expect(credentialOf(header)).toBeUndefined();
  });
});

const key: LimitVerdict = { name: 'key', perS: 50, burst: 100, allowed: true, remaining: 25, retryAfterS: 0 };

describe('the headers of a limited request', () => {
  it('name every limit, what is left of it, and in how many seconds it is whole again', () => {
    const tenant: LimitVerdict = { ...key, name: 'tenant', perS: 300, burst: 1_000, remaining: 1_000 };
    expect(rateLimitHeaders([key, tenant])).toEqual({
      'ratelimit-policy': '"key";q=100;w=2, "tenant";q=1000;w=4',
      ratelimit: '"key";r=25;t=2, "tenant";r=1000;t=0',
    });
  });

  it('never promise time that is over', () => {
    expect(rateLimitHeaders([{ ...key, remaining: 130 }]).ratelimit).toBe('"key";r=130;t=0');
  });
});
