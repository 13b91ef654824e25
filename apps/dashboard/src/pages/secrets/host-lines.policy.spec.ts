import type { SecretHost } from '@pulser/contracts';

import { hostsIn, lineOf } from './host-lines.policy.js';

const written: readonly (readonly [string, SecretHost])[] = [
  ['api.example.com', { host: 'api.example.com' }],
  ['*.example.com:8443', { host: '*.example.com', ports: [8_443] }],
  ['https://api.example.com', { host: 'api.example.com', schemes: ['https'] }],
  ['http://192.0.2.7:80,8080', { host: '192.0.2.7', ports: [80, 8_080], schemes: ['http'] }],
  ['http+https://[2001:db8::1]:8443', { host: '[2001:db8::1]', ports: [8_443], schemes: ['http', 'https'] }],
];

describe('the hosts of a secret', () => {
  it.each(written)('are lines of text: %s', (text, host) => {
    expect(hostsIn(text)).toEqual({ hosts: [host], error: undefined });
    expect(lineOf(host)).toBe(text);
  });

  it('stand one a line, with empty lines between them', () => {
    expect(hostsIn(' a.example \n\n API.example\n').hosts).toEqual([{ host: 'a.example' }, { host: 'api.example' }]);
  });

  it.each(['https://api.example.com/path', 'ftp://x.example', 'a b', 'x.example:99999', 'x.example:', 'x:0', '::1'])(
    'are not what would be understood otherwise than it is meant: %s',
    (text) => {
      expect(hostsIn(`ok.example\n${text}`).error).toContain('Line 2');
    },
  );
});
