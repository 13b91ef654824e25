// Outages: which errors of PostgreSQL, node-postgres and TypeORM pass by themselves, and the one error they come out as.
import type { Outage } from '@pulser/contracts';
import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

/** The server cannot be reached, restarts, or has no connection left: the same call may succeed later. */
export class DatabaseUnavailable extends Error implements Outage {
  readonly transient = true;
  readonly code = 'database_unavailable';
  readonly startHint = 'Check DATABASE_URL and that PostgreSQL answers there';

  constructor(cause: unknown) {
    super(`The database cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'DatabaseUnavailable';
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, insufficient resources,
// operator intervention (shutdown, crash, cannot connect now, terminated backend), serialization failure and deadlock.
const transientStates = /^(08|53|57P|40001|40P01)/;
// PostgreSQL reports a message it cannot read, for instance one with too many parameters, as an ERROR of that statement:
// the connection goes on and the same statement fails again. As FATAL the state is an outage: the connection is gone.
// PgBouncer uses it so for all that ends a client's connection, such as a crash of the server or a wait too long for one.
const protocolViolation = '08P01';
const connectionEnds = new Set(['FATAL', 'PANIC']);
// Codes of a socket when the connection is refused, lost or not made in time.
const transientNodeCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
// Messages of node-postgres for the same, without a code.
const transientTexts =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;
// Thrown by TypeORM once the connection it held has broken.
const brokenRunners = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];

const textOf = (error: object, name: 'code' | 'message' | 'severity'): string => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};

/** Whether the same statement may succeed later, by SQLSTATE, errno or text. */
export const isTransient = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  if (brokenRunners.some((type) => error instanceof type)) return true;
  const code = textOf(error, 'code');
  if (code === protocolViolation) return connectionEnds.has(textOf(error, 'severity'));
  return transientStates.test(code) || transientNodeCodes.has(code) || transientTexts.test(textOf(error, 'message'));
};

/** Runs work. @throws DatabaseUnavailable for a transient failure, any other error as it is */
export const translateError = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw isTransient(error) ? new DatabaseUnavailable(error) : error;
  }
};
