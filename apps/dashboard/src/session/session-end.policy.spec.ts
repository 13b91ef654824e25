import { ApiError } from '../api/problem.js';
import { sessionEndOf, sessionEndText } from './session-end.policy.js';

const now = Date.parse('2026-11-29T12:00:00Z');
const refusal = (problem: Readonly<Record<string, unknown>>): ApiError =>
  new ApiError('unauthenticated', 'A valid API key or token is required', { status: 401, detail: '', problem });

describe('why a session ended', () => {
  it('is what the API says', () => {
    expect(sessionEndOf(refusal({ session_end: 'key_revoked' }), undefined, now)).toBe('key_revoked');
    expect(sessionEndText('key_revoked')).toContain('was revoked');
  });

  it('is its length where the browser has dropped the cookie at its end, else a logout in another tab', () => {
    const caller = (expires_at: string | null) => ({ expires_at });
    expect(sessionEndOf(refusal({}), caller('2026-11-29T11:59:59Z'), now)).toBe('over');
    expect(sessionEndOf(refusal({}), caller('2026-11-29T12:00:01Z'), now)).toBe('elsewhere');
    expect(sessionEndOf(refusal({}), caller(null), now)).toBe('elsewhere');
  });

  it('is nothing for who was not logged in, nor for words of others', () => {
    expect(sessionEndOf(refusal({}), null, now)).toBeUndefined();
    expect(sessionEndOf(refusal({ session_end: 'You owe us money' }), null, now)).toBeUndefined();
    for (const word of [undefined, '', 'toString', '__proto__', '<b>']) expect(sessionEndText(word)).toBeUndefined();
  });
});
