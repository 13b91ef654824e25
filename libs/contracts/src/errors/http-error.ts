import { httpErrors, type HttpErrorCode } from './codes.js';

/** One wrong field: a JSON pointer (RFC 6901) into the request and what is wrong there. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

export interface HttpErrorFacts {
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  /** Further members of the problem document. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Seconds, sent as the Retry-After header. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** A refusal with a stable code; one filter turns it into problem details. */
export class HttpError extends Error {
  readonly status: number;

  constructor(
    readonly code: HttpErrorCode,
    readonly facts: HttpErrorFacts = {},
  ) {
    super(facts.detail ?? httpErrors[code].title, { cause: facts.cause });
    this.name = 'HttpError';
    this.status = httpErrors[code].status;
  }
}

type OutageCode = {
  [Code in HttpErrorCode]: (typeof httpErrors)[Code]['status'] extends 503 ? Code : never;
}[HttpErrorCode];

/**
 * What an error of a library that knows no HTTP carries when a server it needs cannot be reached: consumers of messages
 * try again (`transient`), and the filter answers 503 with its code.
 */
export interface Outage extends Error {
  readonly transient: true;
  readonly code: OutageCode;
}

const isHttpErrorCode = (code: unknown): code is HttpErrorCode =>
  typeof code === 'string' && Object.hasOwn(httpErrors, code);

export const isOutage = (value: unknown): value is Outage =>
  value instanceof Error &&
  'transient' in value &&
  value.transient === true &&
  'code' in value &&
  isHttpErrorCode(value.code) &&
  httpErrors[value.code].status === 503;
