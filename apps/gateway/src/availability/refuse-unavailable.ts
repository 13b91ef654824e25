import { HttpError } from '@pulser/contracts';
import { DatabaseUnavailable } from '@pulser/database';

const retryAfterS = 1;

/** Throws on: a database that cannot be reached as the refusal that the client may retry, anything else as it is. */
export const refuseUnavailable = (error: unknown): never => {
  throw error instanceof DatabaseUnavailable
    ? new HttpError('database_unavailable', { retryAfterS, cause: error })
    : error;
};
