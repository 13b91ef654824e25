import { HttpError } from '@pulser/contracts';

import { failedLoginPath, LoginFailed, loginFailureOf } from './oidc.policy.js';

describe('a login that made no session', () => {
  it.each([
    [new LoginFailed('expired', 'x'), 'expired'],
    [new HttpError('forbidden'), 'no_rights'],
    [new HttpError('identity_provider_unavailable'), 'unavailable'],
    [new HttpError('too_many_requests'), 'too_many'],
    [new HttpError('insecure_connection'), 'insecure'],
  ] as const)('has a reason for the person: %s', (error, failure) => {
    expect(loginFailureOf(error)).toBe(failure);
  });

  it('has none for a link that is wrong, or a fault of ours', () => {
    expect(loginFailureOf(new HttpError('not_found'))).toBeUndefined();
    expect(loginFailureOf(new Error('boom'))).toBeUndefined();
  });

  it('leads to the login of the page, and keeps the way back', () => {
    expect(failedLoginPath('denied', '/ui/')).toBe('/ui/login?failed=denied');
    expect(failedLoginPath('denied', '/ui')).toBe('/ui/login?failed=denied');
    expect(failedLoginPath('denied', '/ui/tasks?status=failed')).toBe(
      '/ui/login?failed=denied&back=%2Ftasks%3Fstatus%3Dfailed',
    );
  });
});
