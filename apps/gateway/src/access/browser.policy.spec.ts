import {
  type Arrival,
  crossSiteRefusal,
  foreignRefusal,
  insecureReason,
  isFromThisMachine,
  networkOf,
  shortUserAgent,
} from './browser.policy.js';

const arrival = (more: Partial<Arrival> = {}): Arrival => ({
  method: 'POST',
  protocol: 'http',
  host: '127.0.0.1:8000',
  ip: '127.0.0.1',
  headers: {},
  ...more,
});

const publicUrl = 'https://pulser.example';

describe('a request with a login that changes something', () => {
  it.each<[string, string | undefined, Arrival]>([
    ['a page of our own says', undefined, arrival({ headers: { 'sec-fetch-site': 'same-origin' } })],
    ['this machine', undefined, arrival({ headers: { origin: 'http://127.0.0.1:8000' } })],
    ['this machine by its name', undefined, arrival({ host: 'localhost', headers: { origin: 'http://localhost' } })],
    ['IPv6', undefined, arrival({ host: '[::1]:8000', headers: { origin: 'http://[::1]:8000' } })],
    ['TLS', undefined, arrival({ host: 'pulser.example', headers: { origin: 'https://pulser.example' } })],
    [
      'the usual port',
      undefined,
      arrival({ host: 'pulser.example:443', headers: { origin: 'https://pulser.example' } }),
    ],
    ['a proxy that says nothing', publicUrl, arrival({ host: 'gateway:8000', headers: { origin: publicUrl } })],
  ])('is taken: %s', (_, url, request) => {
    expect(crossSiteRefusal(request, url)).toBeUndefined();
  });

  it.each<[string, string | undefined, Arrival]>([
    [
      'plain http elsewhere',
      undefined,
      arrival({ host: 'pulser.example', headers: { origin: 'http://pulser.example' } }),
    ],
    ['another port', undefined, arrival({ headers: { origin: 'http://127.0.0.1:3000' } })],
    ['another name of this machine', undefined, arrival({ headers: { origin: 'http://localhost:8000' } })],
    [
      'another host than the public one',
      publicUrl,
      arrival({ host: 'gateway:8000', headers: { origin: 'https://evil.example' } }),
    ],
    [
      'the public host over plain http',
      publicUrl,
      arrival({ host: 'gateway:8000', headers: { origin: 'http://pulser.example' } }),
    ],
    ['an origin with a path', undefined, arrival({ headers: { origin: 'http://127.0.0.1:8000/' } })],
    ['no origin', undefined, arrival({ headers: { origin: 'null' } })],
    ['nothing said', undefined, arrival()],
    ['two sites said', undefined, arrival({ headers: { 'sec-fetch-site': ['same-origin', 'same-origin'] as never } })],
    [
      'a site said that contradicts the origin',
      undefined,
      arrival({ headers: { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:8000' } }),
    ],
  ])('is refused: %s', (_, url, request) => {
    expect(crossSiteRefusal(request, url)).toMatchObject({ code: 'cross_site_request' });
  });

  it('is any method but those that only read', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(crossSiteRefusal(arrival({ method }), undefined)).toBeUndefined();
    for (const method of ['PUT', 'PATCH', 'DELETE', 'get', 'PURGE'])
      expect(crossSiteRefusal(arrival({ method }), undefined)).toBeDefined();
  });

  it('need not be a browser where there is no login yet', () => {
    expect(foreignRefusal(arrival(), undefined, false)).toBeUndefined();
    expect(foreignRefusal(arrival({ headers: { origin: 'https://evil.example' } }), undefined, false)).toBeDefined();
  });
});

describe('a login over a connection', () => {
  it.each<[string, string | undefined, Arrival]>([
    ['on this machine', undefined, arrival()],
    ['with TLS', undefined, arrival({ protocol: 'https', host: 'pulser.example' })],
    ['that the browser trusts', undefined, arrival({ host: 'pulser.example', headers: { 'sec-fetch-site': 'none' } })],
    ['that the operator names', publicUrl, arrival({ host: 'pulser.example' })],
  ])('is possible %s', (_, url, request) => {
    expect(insecureReason(request, url)).toBeUndefined();
  });

  it.each<[string, string | undefined, Arrival]>([
    ['from another machine', undefined, arrival({ host: '192.0.2.7:8000' })],
    ['to a name that begins like this machine', undefined, arrival({ host: 'localhost.evil.example' })],
    ['to another host than the named one', publicUrl, arrival({ host: '192.0.2.7:8000' })],
    ['that the operator names, without TLS', 'http://pulser.example', arrival({ host: 'pulser.example' })],
    ['to no host', undefined, arrival({ host: '' })],
  ])('is not possible over plain http %s', (_, url, request) => {
    expect(insecureReason(request, url)).toMatch(/https/);
  });
});

describe('this machine', () => {
  it.each<[string, Arrival]>([
    ['by IPv4', arrival()],
    ['by IPv6', arrival({ ip: '::1', host: '[::1]:8000' })],
    ['by IPv4 within IPv6', arrival({ ip: '::ffff:127.0.0.1', host: 'localhost:8000' })],
    ['on its own page', arrival({ headers: { origin: 'http://127.0.0.1:8000' } })],
  ])('asks %s', (_, request) => {
    expect(isFromThisMachine(request)).toBe(true);
  });

  it.each<[string, Arrival]>([
    ['another address', arrival({ ip: '192.0.2.7' })],
    ['another address within IPv6', arrival({ ip: '::ffff:192.0.2.7' })],
    ['another host', arrival({ host: 'pulser.example' })],
    ['another page', arrival({ headers: { origin: 'https://evil.example' } })],
    ['a page without an origin', arrival({ headers: { origin: 'null' } })],
    ['a proxy', arrival({ headers: { 'x-forwarded-for': '127.0.0.1' } })],
  ])('does not ask: %s', (_, request) => {
    expect(isFromThisMachine(request)).toBe(false);
  });
});

describe('what is kept of a browser', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:85a3::8a2e:370:7334', '2001:db8:85a3::/48'],
    ['2001:db8::1', '2001:db8::/48'],
    ['::1', '::/48'],
    ['fe80::1%eth0', 'fe80::/48'],
    ['', null],
    ['x', null],
  ])('of the address %j is %j', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it('of its name is the start, as plain text', () => {
    expect(shortUserAgent(undefined)).toBeNull();
    expect(shortUserAgent('a\u001b[31m\u00e9')).toBe('a.[31m.');
    expect(shortUserAgent('x'.repeat(300))).toHaveLength(200);
  });
});
