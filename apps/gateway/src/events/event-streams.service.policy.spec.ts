import { lastSeen } from './event-streams.service.js';

describe('the last event seen', () => {
  it('is none when the client does not say', () => {
    expect([undefined, ''].map(lastSeen)).toEqual([-1, -1]);
  });

  it('is the number that the client says', () => {
    expect(['0', '1000003'].map(lastSeen)).toEqual([0, 1_000_003]);
  });

  it.each(['-1', 'x', '1e3', '1.5', '1'.repeat(16), ['1', '2'], ' 1'])('is not %j', (given) => {
    expect(lastSeen(given)).toBeUndefined();
  });
});
