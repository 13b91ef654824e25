import { HttpException } from '@nestjs/common';
import { HttpError, type HttpErrorCode, isOutage } from '@pulser/contracts';

const byFastifyCode: Readonly<Record<string, HttpErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
};

const byStatus: Readonly<Record<number, HttpErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

const codeOf = (value: unknown): string =>
  value instanceof Error && 'code' in value && typeof value.code === 'string' ? value.code : '';

// Nest wraps what Fastify refuses and keeps it as the cause; what the router refuses comes as it is.
const refusalByStatus = (status: number, error: Error): HttpError => {
  const code = byFastifyCode[codeOf(error)] ?? byFastifyCode[codeOf(error.cause)] ?? byStatus[status];
  return new HttpError(code ?? 'invalid_request', { detail: error.message, cause: error });
};

const statusOf = (error: Error): number => {
  if (error instanceof HttpException) return error.getStatus();
  return error.name === 'FastifyError' && 'statusCode' in error ? Number(error.statusCode) : 500;
};

/** After this many seconds a client may try again when a server behind ours could not be reached. */
const outageRetryAfterS = 1;

/** What the client is told of anything thrown while its request was answered. Unknown errors tell nothing. */
export const refusalOf = (thrown: unknown): HttpError => {
  if (thrown instanceof HttpError) return thrown;
  if (isOutage(thrown)) return new HttpError(thrown.code, { retryAfterS: outageRetryAfterS, cause: thrown });
  const status = thrown instanceof Error ? statusOf(thrown) : 500;
  if (thrown instanceof Error && status >= 400 && status < 500) return refusalByStatus(status, thrown);
  return new HttpError('internal', { cause: thrown });
};
