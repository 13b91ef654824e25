import { noRules, type ServerSettings, withoutSecrets } from './server-settings.js';

const settings = (launch: ServerSettings['launch']): ServerSettings => ({
  name: 'one',
  isOwn: false,
  launch,
  disabled: undefined,
  era: undefined,
  rules: noRules,
});

describe('what a server says', () => {
  const env = { PATH: '/usr/bin', HOME: '/root', TOKEN: 'abcdef-123456', SHORT: 'on' };
  const child = settings({ kind: 'child', command: { command: 'node', args: [], cwd: undefined, env } });

  it('is shown without the values that it was given', () => {
    expect(withoutSecrets(child, 'token abcdef-123456 is not valid, /usr/bin, on')).toBe(
      'token [redacted] is not valid, /usr/bin, on',
    );
    const http = settings({
      kind: 'http',
      url: 'https://a.example.com',
      headers: { authorization: 'Bearer abcdef-123456' },
    });
    expect(withoutSecrets(http, 'Bearer abcdef-123456 and abcdef-123456')).toBe('[redacted] and [redacted]');
    expect(withoutSecrets(settings({ kind: 'in-process' }), 'abcdef-123456')).toBe('abcdef-123456');
  });
});
