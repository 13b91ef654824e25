import { SubmitBatch, SubmitTask } from '@pulser/contracts';
import { Random } from '@pulser/harness';

import { batchBody, bodyBytes, taskBody, taskBodyOf } from './blast.js';
import { arrivals } from './open-loop.js';

describe('the body of a task', () => {
  it('has the size that is promised, and is one that Pulser takes', () => {
    expect([taskBody, taskBodyOf('repeatable_noop')].map((body) => Buffer.byteLength(body))).toEqual([
      bodyBytes,
      bodyBytes,
    ]);
    expect(SubmitTask.parse(JSON.parse(taskBody)).task_type).toBe('testing');
  });

  it('comes many times in a batch', () => {
    expect(SubmitBatch.parse(JSON.parse(batchBody(3))).tasks).toEqual(Array(3).fill(JSON.parse(taskBody)));
  });
});

describe('arrivals', () => {
  it('come one after the other, so many a second', () => {
    const times = [...arrivals(new Random(1), 100, 10_000)];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThan(95_000);
    expect(times.at(-1)).toBeLessThan(105_000);
  });

  it('are the same with the same seed', () => {
    expect([...arrivals(new Random(7), 10, 5)]).toEqual([...arrivals(new Random(7), 10, 5)]);
  });
});
