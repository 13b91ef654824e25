// What goes wrong between the page and the API, as one typed error.
import type { HttpErrorCode, Problem } from '@pulser/contracts';

export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** A code of the API (RFC 9457), or `unreachable`: no answer came, or one that is none of Pulser's. */
export type ApiErrorCode = HttpErrorCode | 'unreachable';

interface ApiErrorFacts {
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly traceId?: string | undefined;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfterS?: number | undefined;
  /** The whole problem document, for members of a single code. */
  readonly problem?: Readonly<Record<string, unknown>>;
}

export class ApiError extends Error {
  constructor(
    readonly code: ApiErrorCode,
    title: string,
    readonly facts: ApiErrorFacts,
  ) {
    super(title);
    this.name = 'ApiError';
  }

  get status(): number {
    return this.facts.status;
  }

  /** What happened to this request, in a sentence. */
  get detail(): string {
    return this.facts.detail;
  }

  get errors(): readonly FieldError[] {
    return this.facts.errors ?? [];
  }

  /** Whether the same request may succeed later without being changed. */
  get isTransient(): boolean {
    return this.code === 'unreachable' || this.status === 429 || this.status >= 500;
  }
}

export const isApiError = (error: unknown, code?: ApiErrorCode): error is ApiError =>
  error instanceof ApiError && (code === undefined || error.code === code);

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'title' in body && typeof body.title === 'string';

const retryAfter = (headers: Headers): number | undefined => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
};

/** The error of an answer that is not ok. A proxy in between may answer with something else than a problem document. */
export const errorOfAnswer = (status: number, headers: Headers, body: unknown): ApiError => {
  const retryAfterS = retryAfter(headers);
  if (!isProblem(body)) {
    const detail = `The server answered ${status}, and not as Pulser does: something in between may be in the way`;
    return new ApiError('unreachable', 'No answer from Pulser', { status, detail, retryAfterS });
  }
  return new ApiError(body.code as ApiErrorCode, body.title, {
    status,
    detail: body.detail ?? body.title,
    ...(body.errors !== undefined && { errors: body.errors }),
    traceId: body.trace_id,
    retryAfterS,
    problem: body,
  });
};

/** The error of a request that got no answer at all. */
export const unreachable = (cause: unknown): ApiError => {
  const error = new ApiError('unreachable', 'Pulser cannot be reached', {
    status: 0,
    detail: 'No answer came. The page tries again by itself',
  });
  error.cause = cause;
  return error;
};
