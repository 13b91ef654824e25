import { DatabaseUnavailable } from '@pulser/database';

/** A database that cannot be reached fails every item alike; a bad value fails only its own. */
export const sharedFailure = (error: unknown): boolean => error instanceof DatabaseUnavailable;
