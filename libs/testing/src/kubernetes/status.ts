// Answers that are no success, in the shape of the API: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
import type { Fields } from './store.js';

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

/** An error that becomes an object `Status`. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details: Fields = {},
    readonly reason = reasons[code] ?? 'Unknown',
  ) {
    super(message);
  }

  toJSON(): Fields {
    const { code, message, reason, details } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  }
}

export const notFound = (kind: string, name: string): ApiError =>
  new ApiError(404, `${kind} "${name}" not found`, { name, kind });
