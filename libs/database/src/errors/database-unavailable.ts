import { HttpError } from '@pulser/contracts';

const retryAfterS = 1;

/** The server cannot be reached, restarts, or has no connection left: the same call may succeed later. */
export class DatabaseUnavailable extends HttpError {
  readonly transient = true;
  readonly startHint = 'Check DATABASE_URL and that PostgreSQL answers there';

  constructor(cause: unknown) {
    super('database_unavailable', { retryAfterS, cause });
    this.name = 'DatabaseUnavailable';
    this.message = `The database cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
