import { hasScope, searchable } from './search.policy.js';

describe('a query', () => {
  it.each([
    'repo:a/b x',
    'x user:a',
    'x -org:a',
    '(owner:a OR x)',
    'x REPO : a/b',
    '"x"repo:a/b',
    'x\tenterprise:a',
    'x NOT saved:a',
  ])('that says where to search is found: %p', (query) => {
    expect(hasScope(query)).toBe(true);
  });

  it.each(['retry in:file', 'myrepo: x', 'size:>10 path:src', 'user', 'the repo is'])(
    'that does not is let through: %p',
    (query) => {
      expect(hasScope(query)).toBe(false);
    },
  );

  it('has no control characters', () => {
    expect(searchable('a\nb')).toBe(false);
    expect(searchable('a b')).toBe(true);
  });
});
