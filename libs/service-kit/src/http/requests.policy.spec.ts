import { headRefusal, maxUrlLength } from './requests.js';

const head = { url: '/', query: { limit: '5' }, rawHeaders: ['SharedResources', 'x', 'X-Note', '__proto__'] };

describe('the head of a request', () => {
  it('usually gets through', () => {
    expect(headRefusal(head)).toBeUndefined();
    expect(headRefusal({ ...head, url: 'x'.repeat(maxUrlLength) })).toBeUndefined();
  });

  it.each([
    ['a long URL', { url: 'x'.repeat(maxUrlLength + 1) }, 'uri_too_long'],
    ['a header that pollutes', { rawHeaders: ['SharedResources', 'x', '__Proto__', 'y'] }, 'forbidden_key'],
    ['a query that pollutes', { query: { 'constructor[prototype][admin]': '1' } }, 'forbidden_key'],
  ])('is refused for %s', (_case, change, code) => {
    expect(headRefusal({ ...head, ...change })).toMatchObject({ code });
  });
});
