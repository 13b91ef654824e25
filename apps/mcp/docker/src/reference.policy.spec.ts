import { nameOf, referenceOf } from './reference.policy.js';

const digest = `sha256:${'a1'.repeat(32)}`;

describe('the name of an image', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.22', 'docker.io/library/alpine:3.22'],
    ['acme/shop', 'docker.io/acme/shop:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['ghcr.io/acme/shop:1', 'ghcr.io/acme/shop:1'],
    ['localhost/shop', 'localhost/shop:latest'],
    ['localhost:5000/shop:1', 'localhost:5000/shop:1'],
    ['127.0.0.1:5000/a/b', '127.0.0.1:5000/a/b:latest'],
    [`alpine@${digest}`, `docker.io/library/alpine@${digest}`],
    [`alpine:3@${digest}`, `docker.io/library/alpine@${digest}`],
  ])('%s is %s', (text, whole) => {
    const reference = referenceOf(text);
    expect(reference && nameOf(reference)).toBe(whole);
  });

  it.each([
    ...[
      '',
      'Alpine',
      'alpine:',
      'alpine:a b',
      'a//b',
      '/alpine',
      'alpine/',
      '../alpine',
      'alpine@sha256:short',
      'http://x/y',
    ],
    ...['-alpine', 'alpine?x=1', 'alpine#', 'alpine\n', 'a'.repeat(300), 'a1'.repeat(32)],
  ])('%j is none', (text) => {
    expect(referenceOf(text)).toBeUndefined();
  });

  it('is judged at once, however hostile', () => {
    const started = performance.now();
    for (const text of [`${'a-'.repeat(160)}!`, `${'a/'.repeat(160)}!`, `${'a__'.repeat(100)}:`])
      expect(referenceOf(text)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
