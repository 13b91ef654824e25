// What the status of a backend's answer means to the caller of a tool.
import { ToolError, type ToolErrorCode } from './tool-error.js';

const codes: Readonly<Record<number, ToolErrorCode>> = {
  400: 'invalid_args',
  401: 'refused',
  402: 'refused',
  403: 'refused',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  410: 'not_found',
  412: 'conflict',
  413: 'invalid_args',
  422: 'invalid_args',
  423: 'conflict',
  429: 'rate_limited',
  504: 'timeout',
};

const meanings: Readonly<Record<number, string>> = {
  401: 'the credential is not accepted',
  403: 'the credential may not do this',
  429: 'too many requests',
};

/** Seconds to wait by a Retry-After header: a number of seconds or a date. */
export const retryAfterOf = (header: string | null | undefined, now = Date.now()): number | undefined => {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
};

interface RefusedAnswer {
  /** Who answered, for the message. */
  readonly backend: string;
  readonly status: number;
  readonly retryAfter?: string | null | undefined;
  /** What the backend says itself, as text. */
  readonly detail?: string | undefined;
}

/** The error for an answer that is no success. */
export const errorOfStatus = ({ backend, status, retryAfter, detail }: RefusedAnswer): ToolError => {
  const said = [meanings[status], detail?.trim().slice(0, 500)].filter((text) => text !== undefined && text !== '');
  const message = `${backend} answered ${status}${said.length === 0 ? '' : `: ${said.join(': ')}`}`;
  return new ToolError(codes[status] ?? 'upstream_error', message, { retryAfterS: retryAfterOf(retryAfter) });
};
