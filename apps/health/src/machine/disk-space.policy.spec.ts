import { diskFinding } from './disk-space.policy.js';

const gigabyte = 1_000_000_000;

const found = (free: number, total: number, isOpen = false) => {
  const { state, severity } = diskFinding(
    '/data',
    { freeBytes: free * gigabyte, totalBytes: total * gigabyte },
    isOpen,
  );
  return state === 'open' ? severity : 'fine';
};

describe('a disk', () => {
  it.each([
    [50, 100, 'fine'],
    [6, 100, 'fine'],
    [4.9, 100, 'warning'],
    [0.9, 100, 'critical'],
    // A small one: a GB of four is a quarter.
    [1, 4, 'fine'],
    [0.5, 4, 'warning'],
    [0.1, 4, 'critical'],
  ])('with %d GB of %d free is %s', (free, total, verdict) => {
    expect(found(free, total)).toBe(verdict);
  });

  it('at the bound does not come and go', () => {
    expect(found(5.1, 100)).toBe('fine');
    expect(found(5.1, 100, true)).toBe('warning');
    expect(found(6.1, 100, true)).toBe('fine');
  });

  it('is named with what is free', () => {
    expect(diskFinding('/data', { freeBytes: 900_000_000, totalBytes: 100 * gigabyte }, false)).toMatchObject({
      key: 'disk:/data',
      summary: 'The disk of /data is nearly full: 900 MB of 100.0 GB are free',
    });
  });
});
