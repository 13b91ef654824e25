import { SubmitBatch, SubmitTask } from '@pulser/contracts';

import { batchBody, bodyBytes, taskBody } from './task-body.policy.js';

describe('the body of a task', () => {
  it('has the size that is promised, and is one that Pulser takes', () => {
    expect(Buffer.byteLength(taskBody)).toBe(bodyBytes);
    expect(SubmitTask.parse(JSON.parse(taskBody)).task_type).toBe('testing');
  });

  it('comes many times in a batch', () => {
    expect(SubmitBatch.parse(JSON.parse(batchBody(3))).tasks).toEqual(Array(3).fill(JSON.parse(taskBody)));
  });
});
