import { AllowEntry, isReachable } from './reachable.policy.js';

const reachable = (host: string, addresses: readonly string[], ...allowed: readonly string[]): boolean =>
  isReachable(
    host,
    addresses,
    allowed.map((entry) => AllowEntry.parse(entry)),
  );

describe('a host', () => {
  it('is reached when all its addresses are public, and not when one of them is not', () => {
    expect(reachable('a.dev', ['93.184.216.34', '2606:2800::1'])).toBe(true);
    expect(reachable('a.dev', ['93.184.216.34', '10.0.0.1'])).toBe(false);
    expect(reachable('a.dev', ['::1', '93.184.216.34'])).toBe(false);
    expect(reachable('a.dev', [])).toBe(false);
    expect(reachable('a.dev', ['93.184.216.34', 'nonsense'])).toBe(false);
  });

  it('is reached at a private address when its name is on the list', () => {
    expect(reachable('db.local', ['10.0.0.1', 'fd00::1'], 'DB.local')).toBe(true);
    expect(reachable('db.local.', ['127.0.0.1'], 'db.local')).toBe(true);
    expect(reachable('x.db.local', ['10.0.0.1'], 'db.local')).toBe(false);
    expect(reachable('b.local', ['10.0.0.1'], 'db.local')).toBe(false);
  });

  it.each([
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fe80::1',
    '224.0.0.1',
  ])('is not reached by its name where clouds keep their credentials, nor at what is no host: %s', (address) => {
    expect(reachable('db.local', [address], 'db.local')).toBe(false);
    expect(reachable('a.dev', [address], address)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '255.255.255.255', '::ffff:10.0.0.1'])('is not reached by its name at %s', (address) => {
    expect(reachable('db.local', [address], 'db.local')).toBe(false);
  });

  it('is reached at the addresses of a block on the list', () => {
    expect(reachable('a.dev', ['10.1.2.3'], '10.1.0.0/16')).toBe(true);
    expect(reachable('a.dev', ['10.2.0.1'], '10.1.0.0/16')).toBe(false);
    expect(reachable('a.dev', ['fd00::5'], 'fd00::/64', '10.0.0.0/8')).toBe(true);
    expect(reachable('169.254.169.253', ['169.254.169.253'], '169.254.169.254')).toBe(false);
  });

  it('is reached through an address that leads to another one when both are allowed', () => {
    expect(reachable('a.dev', ['64:ff9b::8.8.8.8'])).toBe(false);
    expect(reachable('a.dev', ['64:ff9b::8.8.8.8'], '64:ff9b::/96')).toBe(true);
    expect(reachable('a.dev', ['64:ff9b::10.0.0.1'], '64:ff9b::/96')).toBe(false);
    expect(reachable('a.dev', ['::ffff:10.0.0.1'], '10.0.0.0/8')).toBe(false);
    expect(reachable('a.dev', ['::ffff:10.0.0.1'], '10.0.0.0/8', '::ffff:0:0/96')).toBe(true);
  });
});

describe('an entry of the list', () => {
  it.each([
    ...[
      '127.1',
      '0x7f.1',
      '2130706433',
      '127.1/8',
      '010.0.0.0/8',
      '10.0.0.0/33',
      '10.0.0.0/',
      'fe80::1%lo',
      'fd00::/129',
    ],
    ...['http://a.dev', 'a.dev:80', 'a.dev/8', '*.a.dev', 'a b', '-a', 'a..b', ''],
  ])('is not %j', (text) => {
    expect(AllowEntry.safeParse(text).success).toBe(false);
  });
});
