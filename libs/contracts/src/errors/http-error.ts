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
