import { retryLimitsOf, timeLimitMsOf } from '@pulser/contracts';
import { z } from 'zod';

import { operation, skill, skillErrors } from '../skills/skill.js';
import { AgentProfile, taskLimits } from './agent-profile.js';

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

const retry = { maxRetries: 1, baseMs: 10, factor: 3, capMs: 90 };

describe('the limits of a task type', () => {
  it('are those of the built-in table', () => {
    expect(taskLimits('infrastructure')).toEqual({
      retry: retryLimitsOf('infrastructure'),
      timeLimitMs: timeLimitMsOf('infrastructure'),
      maxAttempts: Infinity,
    });
  });

  it('are the usual ones for a type that no table knows', () => {
    expect(taskLimits('weather')).toMatchObject({ retry: { maxRetries: 3, baseMs: 1_000 }, timeLimitMs: 300_000 });
    expect(taskLimits('constructor')).toEqual(taskLimits('weather'));
  });

  it('are those of the skill that brings its own', () => {
    const brisk = skill('analytics', import.meta.url, [], { retry, timeLimitS: 1.5 });
    const profile = new AgentProfile({ name: 'dash', skills: [brisk], defaultPort: 0 });
    expect(profile.limitsOf('analytics')).toEqual({ retry, timeLimitMs: 1_500, maxAttempts: 2 });
    expect(profile.limitsOf('testing')).toEqual(taskLimits('testing'));
  });
});
