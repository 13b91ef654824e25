import { canonicalCall, Progress } from './progress.policy.js';

const judged = (...calls: readonly string[]): string[] => {
  const progress = new Progress();
  return calls.map((call) => progress.judge(call, 0).kind);
};

describe('a model that does not get on', () => {
  it('is told once of the same call a third time, then it is the end', () => {
    expect(judged('a', 'a', 'a', 'a')).toEqual(['run', 'run', 'told', 'stop']);
  });

  it('is not helped by calls in between', () => {
    expect(judged('a', 'b', 'a', 'b', 'a', 'b')).toEqual(['run', 'run', 'run', 'run', 'told', 'stop']);
  });

  it('makes the same call in whatever order its arguments stand', () => {
    expect(canonicalCall('q', { a: 1, b: [{ c: 2, d: 3 }] })).toBe(canonicalCall('q', { b: [{ d: 3, c: 2 }], a: 1 }));
    expect(canonicalCall('q', { a: [1, 2] })).not.toBe(canonicalCall('q', { a: [2, 1] }));
  });

  it('may make eight calls in a message and sixty-four in all', () => {
    const progress = new Progress();
    const kinds = Array.from({ length: 100 }, (_, n) => progress.judge(`call ${n}`, n).kind);
    expect(kinds.slice(0, 8)).toEqual(Array(8).fill('run'));
    expect(new Set(kinds.slice(8, 64))).toEqual(new Set(['told']));
    expect(kinds[64]).toBe('stop');
  });

  it('may reason once without a word', () => {
    const progress = new Progress();
    expect([progress.judgeEmpty().kind, progress.judgeEmpty().kind]).toEqual(['told', 'stop']);
  });
});
