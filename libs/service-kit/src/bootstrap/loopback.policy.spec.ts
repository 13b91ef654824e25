import { isLoopback } from './loopback.policy.js';

describe('an address', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('%s is reached from this machine only', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '', '10.0.0.1', '127.evil.example', 'localhost.example', '::ffff:10.0.0.1'])(
    '%j may be reached from elsewhere',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
