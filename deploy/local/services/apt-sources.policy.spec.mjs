import { archivesIn, mostLikelyFirst } from './apt-sources.policy.mjs';

describe('the Debian archive of a machine', () => {
  it('is read from one-line sources, with or without options', () => {
    const text = `
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb http://plain.example/debian bookworm main contrib # note
deb [arch=amd64 signed-by=/usr/share/keyrings/some.gpg] https://options.example/debian trixie main
deb http://security.example/debian-security bookworm-security main
deb http://other.example/apt stable nonfree
`;
    expect(archivesIn(text, 'sources.list')).toEqual(['http://plain.example/debian', 'https://options.example/debian']);
  });

  it('is read from deb822 stanzas, without the disabled and the security ones', () => {
    const text = `Types: deb deb-src
# URIs: http://commented.example/debian
URIs: http://one.example/debian http://two.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: sid
Components: main
`;
    expect(archivesIn(text, 'debian.sources')).toEqual(['http://one.example/debian', 'http://two.example/debian']);
  });

  it('may be a list of mirrors, as on cloud images', () => {
    const text = 'Types: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: trixie\nComponents: main\n';
    expect(archivesIn(text, 'debian.sources')).toEqual(['mirror+file:///etc/apt/mirrors/debian.list']);
  });

  it('comes before archives of vendors that use the same suites and components', () => {
    expect(
      mostLikelyFirst(['https://vendor.example', 'http://mirror.example/debian', 'https://vendor.example']),
    ).toEqual(['http://mirror.example/debian', 'https://vendor.example']);
  });
});
