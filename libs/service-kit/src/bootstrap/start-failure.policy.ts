// What a process prints, and how it exits, when it cannot start.
import { ConfigError } from '../env/env.js';
import { messageOf } from '../log/one-line.policy.js';

/** An error that names its remedy; libraries set `startHint`, and a failed start prints it in one line. */
export interface StartError extends Error {
  /** An instruction to the operator: "set DATABASE_URL", "run npm run migrate". */
  readonly startHint: string;
}

const isStartError = (value: unknown): value is StartError =>
  value instanceof Error && 'startHint' in value && typeof value.startHint === 'string';

/** How a process ends that could not start. */
export interface StartFailure {
  readonly line: string;
  readonly exitCode: number;
}

const exitCode = {
  failed: 1,
  // EX_CONFIG of sysexits.h: starting again without another configuration is of no use.
  config: 78,
} as const;

// Bounded, because a chain of causes may be circular.
const causes = (error: unknown, depth = 8): Error[] =>
  error instanceof Error && depth > 0 ? [error, ...causes(error.cause, depth - 1)] : [];

const portOf = (error: Error): string => ('port' in error ? String(error.port) : '?');

const hintByCode: Readonly<Record<string, (error: Error) => string>> = {
  EADDRINUSE: (error) =>
    `port ${portOf(error)} is in use: stop whatever listens there, or set PORT to a free port (0 picks one)`,
  EACCES: (error) => `port ${portOf(error)} needs more rights: set PORT to one above 1023`,
  EADDRNOTAVAIL: () => 'this machine does not have the address to listen on: set HOST to one it has, or to 0.0.0.0',
  ENOTFOUND: () => 'the name in HOST is not known: set HOST to an address of this machine, or to 0.0.0.0',
};

// A look-up of another machine's name carries a startHint, which is found first.
const isListening = (cause: Error): boolean =>
  'syscall' in cause && (cause.syscall === 'listen' || cause.syscall === 'getaddrinfo');

const explain = (error: unknown): string => {
  const chain = causes(error);
  const config = chain.find((cause) => cause instanceof ConfigError);
  if (config !== undefined) return config.message;
  const hinted = chain.find(isStartError);
  if (hinted !== undefined) return `${hinted.message}: ${hinted.startHint}`;
  const listening = chain.find(isListening);
  const code = listening !== undefined && 'code' in listening ? String(listening.code) : '';
  const known = listening === undefined ? undefined : hintByCode[code]?.(listening);
  return known ?? `${messageOf(error)} (LOG_LEVEL=debug tells more)`;
};

/** One line for the operator, and the exit code. */
export const startFailure = (service: string, error: unknown): StartFailure => ({
  line: messageOf(`${service} cannot start: ${explain(error)}`),
  exitCode: causes(error).some((cause) => cause instanceof ConfigError) ? exitCode.config : exitCode.failed,
});
