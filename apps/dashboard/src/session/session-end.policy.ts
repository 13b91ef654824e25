// Why somebody is at the login who was logged in: as the API says it, or as the page itself knows it.
import type { CallerView, SessionEnd } from '@pulser/contracts';

import { isApiError } from '../api/problem.js';

/** `elsewhere`: the cookie is gone, so it was a logout, in another tab. */
export type KnownEnd = SessionEnd | 'elsewhere';

const sentences: Readonly<Record<KnownEnd, string>> = {
  revoked: 'Your session was ended: by an administrator, by another login with this key, or because your role changed.',
  key_revoked: 'The key that you logged in with was revoked. Log in with another one; an administrator can make it.',
  key_expired: 'The key that you logged in with has expired. Log in with another one; an administrator can make it.',
  over: 'Your session has lasted as long as one may. Log in again to go on.',
  idle: 'Your session was not used for so long that it ended. Log in again to go on.',
  elsewhere: 'You were logged out in another tab of this browser.',
};

const isEnd = (word: unknown): word is KnownEnd => typeof word === 'string' && Object.hasOwn(sentences, word);

/** The sentence of an end; undefined for a word that is none of ours: anybody can write an address. */
export const sessionEndText = (word: string | undefined): string | undefined =>
  isEnd(word) ? sentences[word] : undefined;

/** What a refusal says of the end of the session that the request came with. */
export const sessionEndIn = (error: unknown): KnownEnd | undefined => {
  const word = isApiError(error) ? error.facts.problem?.['session_end'] : undefined;
  return isEnd(word) ? word : undefined;
};

/** Of a caller who was logged in until now: a browser drops the cookie of a session that is over. */
export const sessionEndOf = (
  error: unknown,
  caller: Pick<CallerView, 'expires_at'> | null | undefined,
  now: number,
): KnownEnd | undefined => {
  const told = sessionEndIn(error);
  if (told !== undefined || caller === null || caller === undefined) return told;
  return caller.expires_at !== null && Date.parse(caller.expires_at) <= now ? 'over' : 'elsewhere';
};
