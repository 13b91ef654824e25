import { errorOfAnswer } from './errors.policy.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const of = (status: number, data: unknown, headers: Record<string, string> = {}) =>
  errorOfAnswer({ status, data, headers }, now);

describe('an answer that is no success', () => {
  it.each([
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 90) }, 90],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 - 90) }, 1],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 90), 'retry-after': '7' }, 7],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30],
  ])('is a rate limit with %p, for %p seconds', (headers, seconds) => {
    expect(of(403, { message: 'Forbidden' }, headers)).toMatchObject({ code: 'rate_limited', retryAfterS: seconds });
  });

  it('is a rate limit by its words, without a time', () => {
    const error = of(403, { message: 'You have exceeded a secondary rate limit.' });
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterS: undefined });
  });

  it('is a missing right while the rate limit is not used up', () => {
    const error = of(
      403,
      { message: 'Must have admin rights' },
      { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '1' },
    );
    expect(error).toMatchObject({ code: 'refused', message: 'GitHub answered 403: Must have admin rights' });
  });

  it.each([
    [{ message: 'Reference already exists' }, 'conflict'],
    [
      { message: 'Validation Failed', errors: [{ resource: 'Label', field: 'name', code: 'already_exists' }] },
      'conflict',
    ],
    [{ message: 'Update is not a fast forward' }, 'conflict'],
    [{ message: 'Validation Failed', errors: [{ field: 'base', code: 'invalid' }] }, 'invalid_args'],
    [{}, 'invalid_args'],
    ['text', 'invalid_args'],
    [null, 'invalid_args'],
  ])('of status 422 with %j is %p', (data, code) => {
    expect(of(422, data).code).toBe(code);
  });

  it.each([
    [400, 'invalid_args'],
    [401, 'refused'],
    [404, 'not_found'],
    [405, 'refused'],
    [409, 'conflict'],
    [410, 'not_found'],
    [429, 'rate_limited'],
    [451, 'refused'],
    [500, 'upstream_error'],
    [503, 'upstream_error'],
    [504, 'timeout'],
  ])('of status %p is %p', (status, code) => {
    expect(of(status, { message: 'x' }).code).toBe(code);
  });
});
