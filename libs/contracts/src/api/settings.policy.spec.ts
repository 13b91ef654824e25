import { allowedHostOf, AllowedHosts } from './settings.js';

const hosts = AllowedHosts.parse([
  { host: 'api.example.com' },
  { host: '*.example.org', schemes: ['https'], ports: [443, 8443] },
  { host: '127.0.0.1', ports: [8000], schemes: ['http'] },
  { host: '[::1]', ports: [8000] },
]);

describe('the hosts that a tenant allows', () => {
  it.each([
    'https://api.example.com/v1?q=1',
    'http://api.example.com/',
    'http://API.example.com:80/',
    'https://a.example.org/',
    'https://a.b.example.org:8443/',
    'http://127.0.0.1:8000/docs-json',
    // Another spelling of the same address, as URLs are read.
    'http://127.1:8000/',
    'http://[::1]:8000/',
  ])('contain %s', (url) => {
    expect(allowedHostOf(new URL(url), hosts)).toBeDefined();
  });

  it.each([
    'https://api.example.com:8443/',
    'https://api.example.com./',
    'https://evil-api.example.com/',
    'https://example.org/',
    'https://evilexample.org/',
    'https://.example.org/',
    'http://a.example.org/',
    'http://127.0.0.1/',
    'https://127.0.0.1:8000/',
    'http://127.0.0.2:8000/',
    'https://api.example.com@evil.example/',
    'ftp://api.example.com/',
    'data:text/plain,api.example.com',
  ])('do not contain %s', (url) => {
    expect(allowedHostOf(new URL(url), hosts)).toBeUndefined();
  });

  it('are none without a setting', () => {
    expect(allowedHostOf(new URL('https://api.example.com/'), [])).toBeUndefined();
  });
});
