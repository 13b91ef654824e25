import type { FaultRecord } from './fault-record.js';
import { percentile, summaryTable } from './summary.policy.js';

const record = (change: Partial<FaultRecord>): FaultRecord => ({
  fault: 'kill-worker',
  seed: 1,
  count: 1,
  at: '2026-01-01T00:00:00.000Z',
  lost: 0,
  doubled: 0,
  detect_ms: 10,
  recover_ms: 100,
  alone: true,
  ...change,
});

describe('percentile', () => {
  it('is one of the values', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([3, 1, 2], 0.95)).toBe(3);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('summaryTable', () => {
  it('sums up each kind, and what happened alone', () => {
    const table = summaryTable([record({}), record({ recover_ms: 900, alone: false, lost: 1 })]);
    expect(table).toContain('| kill-worker | 2 | 1 | 0 | 10 | 10 | 100 | 900 | 1 | 100 |');
  });

  it('never shows a fault that could not be had as one that was passed', () => {
    expect(summaryTable([record({ unavailable: 'why' })])).toContain('| kill-worker | unavailable |');
  });
});
