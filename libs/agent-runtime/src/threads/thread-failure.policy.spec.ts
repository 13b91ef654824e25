import { TaskError } from '@pulser/contracts';

import { packed, unpacked } from './thread-failure.policy.js';

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
      facts: { details: { details: 'not JSON' } },
    });
  });

  it('keeps name and message of any other', () => {
    expect(sent(new RangeError('far'))).toMatchObject({ name: 'RangeError', message: 'far' });
    expect(sent('just text')).toMatchObject({ name: 'Error', message: 'just text' });
  });
});
