import { TaskError } from '@pulser/contracts';

import { skillErrors } from './skill.js';

const errors = skillErrors({ bank_closed: { permanent: false }, account_unknown: { permanent: true } });

describe('the error codes of a skill', () => {
  it('say whether another attempt can help, unless the failure itself does', () => {
    expect(errors.error('account_unknown', 'No such account')).toMatchObject({
      code: 'account_unknown',
      permanent: true,
    });
    expect(errors.error('bank_closed', 'Closed')).toMatchObject({ code: 'bank_closed', permanent: false });
    expect(errors.error('bank_closed', 'For good', { permanent: true }).permanent).toBe(true);
  });

  it('make errors of tasks, with all their facts', () => {
    const facts = { details: { iban: 'x' }, retryAfterMs: 7, cause: new Error('503') };
    const error = errors.error('bank_closed', 'Closed', facts);
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toMatchObject({ message: 'Closed', facts, cause: facts.cause });
  });

  it('stand beside those of Pulser', () => {
    expect(errors.error('resource_limit', 'Too large')).toMatchObject({ code: 'resource_limit', permanent: true });
  });

  it.each(['resource_limit', 'Bank', '', 'with space', 'x'.repeat(41)])('cannot be "%s"', (code) => {
    expect(() => skillErrors({ [code]: { permanent: true } })).toThrow(TypeError);
  });
});
