import { hostOf, targetOf } from './target.policy.js';

const rules = { schemes: ['http', 'https'], ports: [80, 443, 8080] };

const codeOf = (text: string): unknown => {
  try {
    return targetOf(text, rules).href;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('the URL that is asked for', () => {
  it.each([
    ['https://a.dev/x?y=1#secret', 'https://a.dev/x?y=1'],
    ['HTTP://A.dev:80', 'http://a.dev/'],
    ['http://a.dev:8080/', 'http://a.dev:8080/'],
    [' \thttp://a.dev\n', 'http://a.dev/'],
    ['http://@a.dev/', 'http://a.dev/'],
    ['http:a.dev', 'http://a.dev/'],
  ])('is made from %j: %s', (text, href) => {
    expect(codeOf(text)).toBe(href);
  });

  it.each<[string, string]>([
    ['', 'invalid_url'],
    ['/relative', 'invalid_url'],
    ['http://', 'invalid_url'],
    ['http://a b/', 'invalid_url'],
    ['http://1.2.3.4.5/', 'invalid_url'],
    [`http://a.dev/${'x'.repeat(16_384)}`, 'invalid_url'],
    ...[
      'ftp://a.dev/',
      'file:///etc/passwd',
      'gopher://a.dev/',
      'data:,x',
      'javascript:1',
      'ws://a.dev/',
      'blob:x',
    ].map((url): [string, string] => [url, 'scheme_not_allowed']),
    ['http://a.dev:22/', 'port_not_allowed'],
    ['http://a.dev:443443/', 'invalid_url'],
    ['https://a.dev:0/', 'port_not_allowed'],
    ['http://good@127.0.0.1/', 'credentials_in_url'],
    ['http://a.dev:80@127.0.0.1/', 'credentials_in_url'],
    ['http://:secret@a.dev/', 'credentials_in_url'],
  ])('is not made from %j: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });
});

describe('the host of a URL', () => {
  it.each([
    ['http://[::1]:8080/', '::1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1./', '127.0.0.1'],
    ['http://bücher.de/', 'xn--bcher-kva.de'],
  ])('of %s is %s', (url, host) => {
    expect(hostOf(new URL(url))).toBe(host);
  });
});
