import { DatabaseUnavailable } from './database-unavailable.js';
import { isTransient } from './transient.policy.js';

/** Runs work; a failure that may pass comes out as DatabaseUnavailable, any other as it is. */
export const translateError = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw isTransient(error) ? new DatabaseUnavailable(error) : error;
  }
};
