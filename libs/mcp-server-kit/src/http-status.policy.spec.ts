import { errorOfStatus, retryAfterOf } from './http-status.policy.js';

describe('an answer that is no success', () => {
  it.each([
    [400, 'invalid_args'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'not_found'],
    [409, 'conflict'],
    [422, 'invalid_args'],
    [429, 'rate_limited'],
    [500, 'upstream_error'],
    [503, 'upstream_error'],
    [418, 'upstream_error'],
  ] as const)('with the status %i is %s', (status, code) => {
    expect(errorOfStatus({ backend: 'Odoo', status })).toMatchObject({ code });
  });

  it('says who answered and what', () => {
    const { message, retryAfterS } = errorOfStatus({
      backend: 'Odoo',
      status: 429,
      retryAfter: '3',
      detail: 'slow down',
    });
    expect(message).toBe('Odoo answered 429: too many requests: slow down');
    expect(retryAfterS).toBe(3);
  });

  it('reads Retry-After as seconds and as a date', () => {
    const now = Date.parse('2026-11-29T12:00:00Z');
    expect(retryAfterOf('120', now)).toBe(120);
    expect(retryAfterOf('Sun, 29 Nov 2026 12:00:30 GMT', now)).toBe(30);
    expect(retryAfterOf('Sun, 29 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect([retryAfterOf('soon', now), retryAfterOf(null), retryAfterOf('')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
