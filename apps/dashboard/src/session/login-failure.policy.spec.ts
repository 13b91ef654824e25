import { loginFailureText } from './login-failure.policy.js';

describe('why a login failed', () => {
  it('is a sentence for a reason of the API', () => {
    expect(loginFailureText('no_rights')).toContain('no rights here');
  });

  it.each([undefined, '', 'toString', '__proto__', '<b>', 'Your password is wrong'])('is nothing for %j', (word) => {
    expect(loginFailureText(word)).toBeUndefined();
  });
});
