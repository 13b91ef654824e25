import { z } from 'zod';

import { operation, skill, skillErrors } from '../skills/skill.js';
import { AgentProfile } from './agent-profile.js';

const errors = skillErrors({ bank_closed: { permanent: false }, account_unknown: { permanent: true } });

const named = (name: string, more: object = {}) =>
  operation({ name, summary: '', input: z.object({}), example: {}, handle: () => Promise.resolve(null), ...more });

const registrationOf = (...operations: ReturnType<typeof named>[]) =>
  new AgentProfile({ name: 'payer', skills: [skill('payments', import.meta.url, operations)], defaultPort: 0 })
    .registration;

describe('what an agent registers', () => {
  it('names the error codes of an operation', () => {
    expect(registrationOf(named('pay', { errors }), named('ask')).operations.map((one) => one.errors)).toEqual([
      [
        { code: 'bank_closed', permanent: false },
        { code: 'account_unknown', permanent: true },
      ],
      undefined,
    ]);
  });

  it('is of the same version as long as it is the same', () => {
    const { version } = registrationOf(named('pay'));
    expect(registrationOf(named('pay')).version).toBe(version);
    expect(registrationOf(named('pay', { errors })).version).not.toBe(version);
  });
});
