import { httpErrors, type HttpError, type HttpErrorCode, type Problem } from '@pulser/contracts';

/** Where the request went. */
export interface ProblemPlace {
  /** Path of the request, without its query: that may hold secrets. */
  readonly instance?: string | undefined;
  readonly traceId?: string | undefined;
}

/** Explains a code: relative, so that it points into the documentation of whichever server answered. */
export const problemType = (code: HttpErrorCode): string => `/docs/problems#${code}`;

const detailOf = (error: HttpError): { detail?: string } =>
  error.facts.detail === undefined ? {} : { detail: error.facts.detail };

/** A refusal as problem details (RFC 9457). */
export const problemOf = (error: HttpError, { instance, traceId }: ProblemPlace = {}): Problem => ({
  ...error.facts.extensions,
  type: problemType(error.code),
  title: httpErrors[error.code].title,
  status: error.status,
  code: error.code,
  ...detailOf(error),
  ...(instance === undefined ? {} : { instance }),
  ...(traceId === undefined ? {} : { trace_id: traceId }),
  ...(error.facts.errors === undefined ? {} : { errors: [...error.facts.errors] }),
});
