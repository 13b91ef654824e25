import { browserOf, isMine } from './session-rows.policy.js';

describe('a session', () => {
  it('is one of mine when it acts for my key', () => {
    expect(isMine({ key_id: 'a', name: 'ci' }, { key_id: 'a', name: 'ci' })).toBe(true);
    expect(isMine({ key_id: 'b', name: 'ci' }, { key_id: 'a', name: 'ci' })).toBe(false);
  });

  it('of a person is not that of a key of the same name', () => {
    expect(isMine({ key_id: null, name: 'ada' }, { key_id: null, name: 'ada' })).toBe(true);
    expect(isMine({ key_id: null, name: 'ada' }, { key_id: 'a', name: 'ada' })).toBe(false);
    expect(isMine({ key_id: 'a', name: 'ada' }, { key_id: null, name: 'ada' })).toBe(false);
  });
});

it.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140 on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge 140 on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    'Safari 18 on macOS',
  ],
  ['curl/8.9', 'curl/8.9'],
  [null, 'unknown'],
])('a browser is called as people know it: %s', (userAgent, name) => {
  expect(browserOf(userAgent)).toBe(name);
});
