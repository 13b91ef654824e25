import { bytes, count, counted, percent, shortCount, usd } from './numbers.policy.js';

describe('numbers', () => {
  it('are written the same everywhere', () => {
    expect([count(12_345), shortCount(9_999), shortCount(12_345), shortCount(4_123_000)]).toEqual([
      '12,345',
      '9,999',
      '12.3K',
      '4.1M',
    ]);
    expect([percent(0), percent(0.0004), percent(0.0123), percent(0.5), percent(1)]).toEqual([
      '0%',
      '< 0.1%',
      '1.2%',
      '50%',
      '100%',
    ]);
    expect([bytes(0), bytes(999), bytes(39_037), bytes(1_240_000_000)]).toEqual(['0 B', '999 B', '39 kB', '1.2 GB']);
    expect([usd(0), usd(12), usd(4_200), usd(900_000), usd(1_234_567_890)]).toEqual([
      '$0.00',
      '< $0.0001',
      '$0.0042',
      '$0.90',
      '$1,234.57',
    ]);
    expect([counted(1, 'task'), counted(2, 'task'), counted(2, 'entry', 'entries')]).toEqual([
      '1 task',
      '2 tasks',
      '2 entries',
    ]);
  });
});
