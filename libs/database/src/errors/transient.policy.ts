import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

// https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions, insufficient resources,
// operator intervention (shutdown, crash, cannot connect now, terminated backend), serialization and deadlock.
const transientStates = /^(08|53|57P|40001|40P01)/;
// What a socket says when the connection is refused, lost or cannot be had in time.
const transientNodeCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
// What node-postgres says of the same, without a code.
const transientTexts =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;
// What TypeORM says once the connection it held has broken.
const brokenRunners = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];

const textOf = (error: object, name: 'code' | 'message'): string => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};

/** Whether the same statement may succeed later, by SQLSTATE, errno or text. */
export const isTransient = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  if (brokenRunners.some((type) => error instanceof type)) return true;
  const code = textOf(error, 'code');
  return transientStates.test(code) || transientNodeCodes.has(code) || transientTexts.test(textOf(error, 'message'));
};
