import { securityHeaders } from './server.js';

const headersOf = (protocol: string): Record<string, string> => Object.fromEntries(securityHeaders({ protocol }));

describe('the security headers', () => {
  it('let a browser do nothing with an answer but read it', () => {
    expect(headersOf('http')).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'") as unknown,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()') as unknown,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('never allow anything unsafe', () => {
    expect(Object.values(headersOf('https')).join()).not.toContain('unsafe');
  });

  it('bind clients to TLS only when they came by it', () => {
    expect(headersOf('http')).not.toHaveProperty('strict-transport-security');
    expect(headersOf('https')).toHaveProperty('strict-transport-security', 'max-age=63072000');
  });
});
