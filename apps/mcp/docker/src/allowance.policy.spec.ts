import { allowedName } from './allowance.policy.js';
import { referenceOf } from './reference.policy.js';

const digest = `sha256:${'a1'.repeat(32)}`;
const other = `sha256:${'b2'.repeat(32)}`;
const list = `alpine:3.22, nginx, ghcr.io/acme/*, redis@${digest}`;

const allowed = (image: string, entries = list): string | undefined => {
  const reference = referenceOf(image);
  if (reference === undefined) throw new Error(image);
  try {
    return allowedName(reference, entries);
  } catch {
    return undefined;
  }
};

describe('the list of allowed images', () => {
  it.each([
    ['alpine:3.22', 'docker.io/library/alpine:3.22'],
    ['docker.io/library/alpine:3.22', 'docker.io/library/alpine:3.22'],
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29'],
    [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
    ['ghcr.io/acme/shop:1', 'ghcr.io/acme/shop:1'],
    ['ghcr.io/acme/deep/er', 'ghcr.io/acme/deep/er:latest'],
    [`redis@${digest}`, `docker.io/library/redis@${digest}`],
  ])('covers %s', (image, name) => {
    expect(allowed(image)).toBe(name);
  });

  it.each([
    ...['alpine', 'alpine:3.21', `alpine@${digest}`, `alpine:3.22@${digest}`, 'acme/nginx', 'evil.io/library/nginx'],
    ...['ghcr.io/acme', 'ghcr.io/acmeevil/shop', 'ghcr.io.evil.io/acme/shop', 'redis', `redis@${other}`],
  ])('does not cover %s', (image) => {
    expect(allowed(image)).toBeUndefined();
  });

  it('covers nothing when it is empty', () => {
    expect(allowed('alpine', ' , ')).toBeUndefined();
  });

  it.each(['*', 'alpine:*', 'Alpine', 'ghcr.io/*/shop'])('is refused with an entry %s', (entry) => {
    expect(() => allowedName({ repository: 'docker.io/library/alpine' }, entry)).toThrow(
      expect.objectContaining({ code: 'not_configured' }) as Error,
    );
  });
});
