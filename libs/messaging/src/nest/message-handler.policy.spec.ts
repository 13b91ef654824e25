import { header, messageVersion } from '@pulser/contracts';

import { afterFailure, checkHeaders, checkVersion, isMessageKey, readBody, RejectMessage } from './message-handler.js';

const checkedHeaders = (headers: object) => () => {
  checkHeaders(headers as Record<string, unknown>);
};

describe('the headers of a message', () => {
  it('may say anything', () => {
    expect(
      checkedHeaders({ note: '__proto__', constructor: 'x', nested: { list: [1, Buffer.from('x')] } }),
    ).not.toThrow();
  });

  it.each([
    ['a name', { 'constructor.prototype': 'x' }],
    ['a name of a table in them', { nested: [JSON.parse('{"__proto__":1}')] }],
    ['a table that a parser made a prototype', Object.create({ admin: true }) as object],
  ])('make a dead letter when they could pollute by %s', (_case, headers) => {
    expect(checkedHeaders(headers)).toThrow(expect.objectContaining({ reason: 'forbidden_key' }) as Error);
  });
});

const checkedVersion = (version: unknown) => () => {
  checkVersion({ [header.version]: version });
};

describe('the version of a message', () => {
  it.each([messageVersion - 1, messageVersion, messageVersion + 1])(
    '%s is read, as in a rolling upgrade',
    (version) => {
      expect(checkedVersion(version)).not.toThrow();
    },
  );

  it('need not be said', () => {
    expect(() => {
      checkVersion({});
    }).not.toThrow();
  });

  it.each([messageVersion + 2, messageVersion - 2, '1', 1.5, null, {}])('%j makes a dead letter', (version) => {
    expect(checkedVersion(version)).toThrow(expect.objectContaining({ reason: 'unsupported_version' }) as Error);
  });
});

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

const gone = Object.assign(new Error('the database is gone'), { transient: true });
const bug = new TypeError('x is not a function');

describe('a message whose handler threw', () => {
  it('goes to the dead letters when the handler says so', () => {
    expect(afterFailure(new RejectMessage('unauthenticated'), { all: 1, lasting: 1 })).toEqual({
      kind: 'dead-letter',
      reason: 'unauthenticated',
    });
    expect(afterFailure(new RejectMessage('idempotency_conflict', 'key 7'), { all: 1, lasting: 1 })).toEqual({
      kind: 'dead-letter',
      reason: 'idempotency_conflict',
      detail: 'key 7',
    });
  });

  it('is tried again without end while the error says it will pass', () => {
    expect(afterFailure(gone, { all: 1, lasting: 0 }, 1)).toEqual({ kind: 'retry', afterMs: 100, transient: true });
    expect(afterFailure(gone, { all: 9_999, lasting: 0 }, 1)).toEqual({
      kind: 'retry',
      afterMs: 5_000,
      transient: true,
    });
  });

  it('is tried again five times after any other error, then goes to the dead letters', () => {
    for (let failure = 1; failure <= 5; failure++)
      expect(afterFailure(bug, { all: failure, lasting: failure })).toMatchObject({ kind: 'retry', transient: false });
    expect(afterFailure(bug, { all: 6, lasting: 6 })).toEqual({
      kind: 'dead-letter',
      reason: 'handler_failed',
      detail: 'TypeError: x is not a function',
    });
  });

  it('does not count passing errors among the five', () => {
    expect(afterFailure(bug, { all: 100, lasting: 5 })).toMatchObject({ kind: 'retry' });
  });

  it('waits longer and longer, with jitter', () => {
    expect(afterFailure(gone, { all: 4, lasting: 0 }, 0.5)).toMatchObject({ afterMs: 400 });
    expect(afterFailure('thrown text', { all: 1, lasting: 1 }, 0)).toMatchObject({ afterMs: 0 });
  });
});
