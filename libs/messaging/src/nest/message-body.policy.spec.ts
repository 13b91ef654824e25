import { isMessageKey, readBody } from './message-body.policy.js';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('the body of a message', () => {
  it('comes with the defaults of its schema', () => {
    const body = bytes({ task_type: 'analytics', payload: { operation: 'x' } });
    expect(readBody('task.submit', body)).toMatchObject({ priority: 'medium' });
  });

  it('that is not JSON is unparsable', () => {
    expect(thrownBy(() => readBody('task.submit', Buffer.from('{"a":')))).toMatchObject({ reason: 'unparsable' });
    expect(thrownBy(() => readBody('task.submit', Buffer.alloc(0)))).toMatchObject({ reason: 'unparsable' });
  });

  it('that does not match names its wrong fields', () => {
    const wrong = thrownBy(() => readBody('task.started', bytes([{ task_id: 'no', attempt: 1.5 }])));
    expect(wrong).toMatchObject({ reason: 'invalid_message' });
    expect(wrong).toMatchObject({ detail: expect.stringContaining('/0/task_id: ') as unknown });
    expect(wrong).toMatchObject({ detail: expect.stringContaining('/0/attempt: ') as unknown });
  });

  it('exists only for the keys of the contract', () => {
    expect(isMessageKey('tasks.submitted')).toBe(true);
    expect(isMessageKey('task.exploded')).toBe(false);
    expect(isMessageKey('constructor')).toBe(false);
  });
});
