import { afterFailure } from './ack.policy.js';
import { RejectMessage } from './message-handler.js';

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
