// Superset's REST API (version 3 and later), as the user of the caller may use it.
import { askJson, errorOfStatus, type JsonAnswer, type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';
import type { z } from 'zod';

import { rison, type RisonValue } from './rison.policy.js';
import { type Account, accountOf, renewed, type Session, sessionOf, supersetDetail, writeHeaders } from './session.js';

export interface SupersetRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** Sent as the query of a list. */
  readonly q?: RisonValue;
}

export interface Superset {
  readonly url: string;
  /** @param path after `/api/v1/` @throws ToolError */
  ask<Shape extends z.ZodType>(path: string, shape: Shape, request?: SupersetRequest): Promise<z.output<Shape>>;
  /** The bytes at a path; undefined: they are not there yet. @throws ToolError */
  bytes(path: string): Promise<Buffer | undefined>;
}

const isWrite = ({ method = 'GET' }: SupersetRequest): boolean => method !== 'GET';

const send = async (
  fetch: typeof globalThis.fetch,
  account: Account,
  session: Session,
  path: string,
  request: SupersetRequest,
): Promise<JsonAnswer> => {
  const url = new URL(`${account.url}/api/v1/${path}`);
  if (request.q !== undefined) url.searchParams.set('q', rison(request.q));
  const forWrites = isWrite(request) ? await writeHeaders(fetch, account, session) : {};
  return askJson(fetch, url, {
    ...{ backend: 'Superset', detail: supersetDetail, method: request.method ?? 'GET' },
    headers: { authorization: `Bearer ${session.access}`, ...forWrites },
    ...(request.body !== undefined && { body: request.body }),
  });
};

/** Whether a token has run out, or the session behind it: Superset has done nothing then. */
const isExpired = (error: unknown): boolean =>
  error instanceof ToolError && /^Superset answered (401|400: .*CSRF)/.test(error.message);

/** Once more, with a renewed session, when the access token was not accepted. */
const withSession = async <T>(
  fetch: typeof globalThis.fetch,
  account: Account,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  const session = await sessionOf(fetch, account);
  try {
    return await work(session);
  } catch (error) {
    if (!isExpired(error)) throw error;
  }
  return work(await renewed(fetch, account, session));
};

const download = async (
  fetch: typeof globalThis.fetch,
  { url }: Account,
  { access }: Session,
  path: string,
): Promise<Buffer | undefined> => {
  const response = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${access}` } });
  const bytes = Buffer.from(await response.arrayBuffer());
  const { status } = response;
  if (response.ok && status !== 202) return bytes;
  if (status === 404 || status === 202) return undefined;
  throw errorOfStatus({ backend: 'Superset', status, retryAfter: response.headers.get('retry-after') });
};

/** @throws ToolError not_configured */
export const supersetOf = (call: ToolCallContext): Superset => {
  const account = accountOf(call);
  const { fetch } = call;
  return {
    url: account.url,
    ask: async (path, shape, request = {}) => {
      const { body } = await withSession(fetch, account, (session) => send(fetch, account, session, path, request));
      const parsed = shape.safeParse(body);
      if (parsed.success) return parsed.data;
      throw new ToolError('upstream_error', `Superset answered ${path.split('?')[0] ?? ''} in an unknown shape`);
    },
    bytes: (path) => withSession(fetch, account, (session) => download(fetch, account, session, path)),
  };
};
