import { headRefusal, longestUrl } from './request-head.policy.js';

const head = { url: '/', query: { limit: '5' }, rawHeaders: ['Host', 'x', 'X-Note', '__proto__'] };

describe('the head of a request', () => {
  it('usually gets through', () => {
    expect(headRefusal(head)).toBeUndefined();
    expect(headRefusal({ ...head, url: 'x'.repeat(longestUrl) })).toBeUndefined();
  });

  it.each([
    ['a long URL', { url: 'x'.repeat(longestUrl + 1) }, 'uri_too_long'],
    ['a header that pollutes', { rawHeaders: ['Host', 'x', '__Proto__', 'y'] }, 'forbidden_key'],
    ['a query that pollutes', { query: { 'constructor[prototype][admin]': '1' } }, 'forbidden_key'],
  ])('is refused for %s', (_case, change, code) => {
    expect(headRefusal({ ...head, ...change })).toMatchObject({ code });
  });
});
