import { allowedBy, patternsOf, searchScopes } from './allowed.policy.js';

describe('the allowed repositories', () => {
  it.each([
    ['acme/rockets', 'acme/rockets', true],
    ['acme/rockets', 'ACME/Rockets', true],
    ['acme/rockets', 'acme/rockets2', false],
    ['acme/*', 'acme/anything', true],
    ['acme/*', 'acme-evil/anything', false],
    ['acme', 'acme/anything', true],
    ['acme/web-*', 'acme/web-shop', true],
    ['acme/web-*', 'acme/my-web-shop', false],
    ['acme/*-api-*', 'acme/shop-api-v1', true],
    ['acme/*-api-*', 'acme/shop-api', false],
    ['acme/a*a', 'acme/a', false],
    ['*/docs', 'any/docs', true],
    ['*/docs', 'any/docs2', false],
    ['acme/x.y', 'acme/xzy', false],
    ['octocat/one, acme/*', 'acme/two', true],
    ['', 'acme/two', false],
  ])('of %p: %p %p', (text, repository, allowed) => {
    expect(allowedBy(patternsOf(text), repository)).toBe(allowed);
  });

  it('are covered by qualifiers of a search, unless an owner is a pattern', () => {
    expect(searchScopes(patternsOf('acme/rockets, acme/web-*, acme/*'))).toEqual(['repo:acme/rockets', 'user:acme']);
    expect(searchScopes(patternsOf('acme/rockets, */docs'))).toBeUndefined();
  });
});
