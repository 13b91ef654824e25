// What an error of PostgreSQL means to the caller of a tool.
import { ToolError, type ToolErrorCode } from '@pulser/mcp-server-kit';

// By the code, then by its class (its first two characters): https://www.postgresql.org/docs/current/errcodes-appendix.html
const codes: Readonly<Record<string, ToolErrorCode>> = {
  '25006': 'refused', // a write in a read-only transaction
  '42501': 'refused',
  '40001': 'conflict',
  '40P01': 'conflict',
  '55P03': 'conflict',
  '57014': 'timeout',
  '53300': 'rate_limited',
  '42P01': 'not_found',
  '42883': 'not_found',
  '3F000': 'not_found',
  '23': 'conflict',
  '28': 'refused',
  '22': 'invalid_args',
  '42': 'invalid_args',
  '0A': 'invalid_args',
  '25': 'invalid_args',
  '34': 'invalid_args',
  P0: 'conflict',
  '54': 'invalid_args',
};

interface PostgresError extends Error {
  readonly code?: unknown;
}

/** Its message alone: details may hold values of rows. */
export const asSqlError = (error: unknown): unknown => {
  const { code, message } = error as PostgresError;
  if (error instanceof ToolError || !(error instanceof Error)) return error;
  if (message === 'Query read timeout') return new ToolError('timeout', 'PostgreSQL does not answer', { cause: error });
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return error;
  const known = codes[code] ?? codes[code.slice(0, 2)] ?? 'upstream_error';
  return new ToolError(known, `PostgreSQL: ${message} (${code})`, { cause: error });
};
