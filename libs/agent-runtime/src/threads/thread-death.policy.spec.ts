import { deathOf } from './thread-death.policy.js';

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
