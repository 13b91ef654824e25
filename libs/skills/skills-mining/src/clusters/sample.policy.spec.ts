import { finished } from '../../test/fixtures/finished.js';
import { sampleOf } from './sample.policy.js';

describe('a sample of tasks', () => {
  const tasks = Array.from({ length: 100 }, (_, n) => finished(n));

  it('is everything when there is room', () => {
    expect(sampleOf(tasks, 100)).toEqual(tasks);
  });

  it('is the same each time, in the order of the tasks, and from all of them', () => {
    const sample = sampleOf(tasks, 20);
    expect(sample).toHaveLength(20);
    expect(sampleOf([...tasks], 20)).toEqual(sample);
    expect(sample.map(({ taskId }) => taskId)).toEqual([...sample.map(({ taskId }) => taskId)].sort());
    const places = sample.map((task) => tasks.indexOf(task));
    expect(Math.min(...places)).toBeLessThan(30);
    expect(Math.max(...places)).toBeGreaterThan(70);
  });

  it('keeps most of its tasks when others come', () => {
    const before = new Set(sampleOf(tasks, 50).map(({ taskId }) => taskId));
    const after = sampleOf([...tasks, finished(200), finished(201)], 50);
    expect(after.filter(({ taskId }) => before.has(taskId)).length).toBeGreaterThanOrEqual(48);
  });
});
