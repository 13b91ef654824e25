import { isMessageKey, readBody } from './message-body.policy.js';

const text = (body: string) => ({ body: Buffer.from(body) });

const bytes = (value: unknown) => text(JSON.stringify(value));

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
    expect(thrownBy(() => readBody('task.submit', text('{"a":')))).toMatchObject({ reason: 'unparsable' });
    expect(thrownBy(() => readBody('task.submit', text('')))).toMatchObject({ reason: 'unparsable' });
  });

  it('that does not match names its wrong fields', () => {
    const wrong = thrownBy(() => readBody('task.started', bytes([{ task_id: 'no', attempt: 1.5 }])));
    expect(wrong).toMatchObject({ reason: 'invalid_message' });
    expect(wrong).toMatchObject({ detail: expect.stringContaining('/0/task_id: ') as unknown });
    expect(wrong).toMatchObject({ detail: expect.stringContaining('/0/attempt: ') as unknown });
  });

  it('that could pollute prototypes is refused, whatever the message', () => {
    const poisoned = text('[{"__proto__":{}}]');
    expect(thrownBy(() => readBody('tasks.submitted', poisoned))).toMatchObject({ reason: 'forbidden_key' });
  });

  it('is bounded where it comes from outside', () => {
    const large = text(' '.repeat(1_048_576) + '[]');
    expect(thrownBy(() => readBody('task.submit', large))).toMatchObject({ reason: 'payload_too_large' });
    expect(readBody('tasks.submitted', large)).toEqual([]);
  });

  it('is JSON unless its sender says otherwise', () => {
    const named = (contentType: string) => () => readBody('tasks.submitted', { ...text('[]'), contentType });
    expect(named('application/json; charset=utf-8')()).toEqual([]);
    expect(thrownBy(named('text/plain'))).toMatchObject({ reason: 'unsupported_media_type' });
  });

  it('exists only for the keys of the contract', () => {
    expect(isMessageKey('tasks.submitted')).toBe(true);
    expect(isMessageKey('task.exploded')).toBe(false);
    expect(isMessageKey('constructor')).toBe(false);
  });
});
