import { TaskError } from '@pulser/contracts';

import { deathOf, packed, unpacked } from './thread-protocol.js';

const sent = (thrown: unknown): Error => unpacked(structuredClone(packed(thrown)));

describe('an error sent from thread to thread', () => {
  it('keeps all that a TaskError says', () => {
    const facts = { permanent: true, retryAfterMs: 7, details: { seen: [1, null] } };
    const error = sent(new TaskError('handler_failed', 'no', facts));
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toMatchObject({ code: 'handler_failed', message: 'no', permanent: true, facts });
  });

  it('arrives even with details that nothing can send', () => {
    const details = { n: 1n, act: () => 1 };
    expect(sent(new TaskError('handler_failed', 'no', { details }))).toMatchObject({
      message: 'no',
      facts: { details: { n: '1' } },
    });
  });

  it('keeps name and message of any other', () => {
    expect(sent(new RangeError('far'))).toMatchObject({ name: 'RangeError', message: 'far' });
    expect(sent('just text')).toMatchObject({ name: 'Error', message: 'just text' });
  });
});

describe('the death of a thread', () => {
  it('is a resource limit when memory ran out', () => {
    expect(deathOf({ code: 'ERR_WORKER_OUT_OF_MEMORY' }, 1, 64)).toMatchObject({
      code: 'resource_limit',
      permanent: true,
      facts: { details: { max_megabytes: 64 } },
    });
  });

  it.each([
    ['says what nobody caught', new Error('lost'), "The handler's thread died: lost"],
    ['says it when it is no error', 'text', "The handler's thread died: 'text'"],
    ['says how the thread ended by itself', undefined, 'The handler ended its thread (exit code 3)'],
  ])('%s, and may be tried again', (_case, cause, message) => {
    expect(deathOf(cause, 3, 64)).toMatchObject({ code: 'handler_crashed', permanent: false, message });
  });
});
