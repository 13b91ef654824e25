import {
  fromElsewhere,
  inexactVersions,
  lockedPackages,
  withInstallScript,
  withoutIntegrity,
} from './lockfile.policy.mjs';

const integrity = `sha512-${'A'.repeat(86)}==`;
const locked = (entry) => lockedPackages({ packages: { '': {}, 'node_modules/a/node_modules/@b/c': entry } });

describe('the lockfile check', () => {
  it.each([
    '^1.2.3',
    '~1.2.3',
    '*',
    '1.x',
    '>=1',
    '1',
    'latest',
    '',
    'git+https://x/y',
    'file:../z',
    'npm:other@1.2.3',
  ])('finds a version that is not exact: %j', (range) => {
    expect(inexactVersions({ devDependencies: { a: range } })).toEqual([`a ${range}`]);
    expect(inexactVersions({ overrides: { a: { b: range } } })).toEqual([`a > b ${range}`]);
  });

  it('passes exact versions', () => {
    expect(inexactVersions({ dependencies: { a: '1.2.3', b: '1.0.0-rc.1' } })).toEqual([]);
  });

  it('finds packages without a strong hash', () => {
    const place = 'node_modules/a/node_modules/@b/c';
    expect(withoutIntegrity(locked({ integrity }))).toEqual([]);
    expect(withoutIntegrity(locked({}))).toEqual([place]);
    expect(withoutIntegrity(locked({ integrity: 'sha1-AAAA' }))).toEqual([place]);
  });

  it('finds packages that do not come from the registry', () => {
    expect(fromElsewhere(locked({}))).toEqual([]);
    expect(fromElsewhere(locked({ resolved: 'https://registry.npmjs.org/c/-/c-1.0.0.tgz' }))).toEqual([]);
    for (const resolved of ['https://registry.npmjs.org.evil.dev/c', 'git+ssh://git@x/y.git#1', 'file:c.tgz']) {
      expect(fromElsewhere(locked({ resolved }))).toHaveLength(1);
    }
  });

  it('finds install scripts, and leaves the own packages of the workspace alone', () => {
    expect(withInstallScript(locked({ hasInstallScript: true }))).toEqual(['@b/c']);
    expect(withInstallScript(locked({ link: true, hasInstallScript: true }))).toEqual([]);
  });
});
