import { growing } from './growth.policy.js';

const limits = { most: 50, windowS: 300 };

describe('the growth of dead letters', () => {
  it('is told of a type with more than the limit, with its commonest cause', () => {
    const arrivals = [
      { taskType: 'analytics', fingerprint: 'a', letters: 20 },
      { taskType: 'analytics', fingerprint: 'b', letters: 31 },
      { taskType: 'testing', fingerprint: 'c', letters: 50 },
    ] as const;
    expect(growing(arrivals, limits)).toEqual([
      { task_type: 'analytics', agent: 'dash', count: 51, window_s: 300, top_fingerprint: 'b' },
    ]);
  });

  it('is not told up to the limit, or of nothing', () => {
    expect(growing([{ taskType: 'testing', fingerprint: 'c', letters: 50 }], limits)).toEqual([]);
    expect(growing([], limits)).toEqual([]);
  });
});
