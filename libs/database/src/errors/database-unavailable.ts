/** The server cannot be reached, restarts, or has no connection left: the same call may succeed later. */
export class DatabaseUnavailable extends Error {
  readonly transient = true;
  readonly startHint = 'Check DATABASE_URL and that PostgreSQL answers there';

  constructor(cause: unknown) {
    super(`The database cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'DatabaseUnavailable';
  }
}
