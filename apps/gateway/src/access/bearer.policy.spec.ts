import { bearerKey } from './bearer.policy.js';

describe('the key of a request', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER   abc'])('is read from %j', (header) => {
    expect(bearerKey(header)).toBe('abc');
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', `Bearer ${'x'.repeat(201)}`, 'Bearer é'])(
    'is not read from %j',
    (header) => {
      expect(bearerKey(header)).toBeUndefined();
    },
  );
});
