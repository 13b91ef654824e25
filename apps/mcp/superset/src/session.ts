// A session of Superset: access token, the token that renews it, and what writes need against forged requests.
import { createHash } from 'node:crypto';

import { BriefCache } from '@pulser/concurrency';
import { askJson, type JsonAnswer, type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

export interface Account {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly provider: string;
}

export interface Session {
  access: string;
  readonly refresh: string | undefined;
  /** Made for the first write. */
  csrf: { readonly token: string; readonly cookie: string } | undefined;
}

export const accountOf = (call: ToolCallContext): Account => ({
  url: call.required('SUPERSET_URL').replace(/\/+$/, ''),
  username: call.required('SUPERSET_USERNAME'),
  password: call.required('SUPERSET_PASSWORD'),
  provider: call.optional('SUPERSET_PROVIDER') ?? 'db',
});

// Superset's access tokens hold for 15 minutes, refresh tokens for 30 days.
const sessions = new BriefCache<Session>(3_600_000, 1_000);

const keyOf = (account: Account): string => createHash('sha256').update(JSON.stringify(account)).digest('base64url');

const Messages = z.object({
  message: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** Of the two forms that errors have. */
export const supersetDetail = (body: unknown): string | undefined => {
  const { message, errors } = Messages.safeParse(body).data ?? {};
  if (errors !== undefined && errors.length > 0) return errors.map((error) => error.message).join('; ');
  return typeof message === 'object' ? JSON.stringify(message) : message;
};

const usual = { backend: 'Superset', detail: supersetDetail };

const parsed = <Shape extends z.ZodType>(shape: Shape, { body }: JsonAnswer): z.output<Shape> => {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  throw new ToolError('upstream_error', 'Superset answered in an unknown shape');
};

const Tokens = z.object({ access_token: z.string(), refresh_token: z.string().optional() });

const logIn = async (fetch: typeof globalThis.fetch, account: Account): Promise<Session> => {
  const { url, username, password, provider } = account;
  const body = { username, password, provider, refresh: true };
  const answer = await askJson(fetch, `${url}/api/v1/security/login`, { ...usual, method: 'POST', body });
  const tokens = parsed(Tokens, answer);
  return { access: tokens.access_token, refresh: tokens.refresh_token, csrf: undefined };
};

/** The session of an account, logged in when there is none. @throws ToolError refused */
export const sessionOf = (fetch: typeof globalThis.fetch, account: Account): Promise<Session> =>
  sessions.get(keyOf(account), () => logIn(fetch, account));

/** After an access token was refused: by the refresh token, or by a new log-in when that one is refused too. */
export const renewed = async (fetch: typeof globalThis.fetch, account: Account, session: Session): Promise<Session> => {
  try {
    const headers = { authorization: `Bearer ${session.refresh ?? ''}` };
    const answer = await askJson(fetch, `${account.url}/api/v1/security/refresh`, {
      ...usual,
      method: 'POST',
      headers,
    });
    session.access = parsed(Tokens, answer).access_token;
    session.csrf = undefined;
    return session;
  } catch (error) {
    if (!(error instanceof ToolError) || !['refused', 'invalid_args'].includes(error.code)) throw error;
  }
  sessions.forget(keyOf(account));
  return sessionOf(fetch, account);
};

// Several cookies may have come in one line; their dates hold commas too.
const cookiesIn = (headers: Headers): string =>
  (headers.get('set-cookie') ?? '')
    .split(/,\s*(?=[^;,=\s]+=)/)
    .map((cookie) => cookie.split(';')[0] ?? '')
    .filter((pair) => pair.includes('='))
    .join('; ');

/** Headers of a write. */
export const writeHeaders = async (
  fetch: typeof globalThis.fetch,
  { url }: Account,
  session: Session,
): Promise<Record<string, string>> => {
  if (session.csrf === undefined) {
    const headers = { authorization: `Bearer ${session.access}` };
    const answer = await askJson(fetch, `${url}/api/v1/security/csrf_token/`, { ...usual, headers });
    const { result: token } = parsed(z.object({ result: z.string() }), answer);
    session.csrf = { token, cookie: cookiesIn(answer.headers) };
  }
  // Over https Superset wants to know the page that a form was on.
  const { token, cookie } = session.csrf;
  return { 'x-csrftoken': token, referer: `${url}/`, ...(cookie !== '' && { cookie }) };
};
