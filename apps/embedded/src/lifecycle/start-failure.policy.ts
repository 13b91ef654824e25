import { ConfigError, isStartError, messageOf } from '@pulser/service-kit';

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

// Bounded, because a chain of causes may bite its tail.
const causes = (error: unknown, depth = 8): Error[] =>
  error instanceof Error && depth > 0 ? [error, ...causes(error.cause, depth - 1)] : [];

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

const portOf = (error: Error): string => ('port' in error ? String(error.port) : '');

const listening: Readonly<Record<string, (error: Error) => string>> = {
  EADDRINUSE: (error) =>
    `port ${portOf(error)} is in use: stop whatever listens there, or set PORT to a free port (0 picks one)`,
  EACCES: (error) => `port ${portOf(error)} needs more rights: set PORT to one above 1023`,
  EADDRNOTAVAIL: () => 'this machine does not have the address in HOST: set HOST to one it has, or to 0.0.0.0',
  ENOTFOUND: () => 'the name in HOST is not known: set HOST to an address of this machine, or to 0.0.0.0',
};

const explain = (error: unknown): string => {
  const chain = causes(error);
  const config = chain.find((cause) => cause instanceof ConfigError);
  if (config !== undefined) return config.message;
  const hinted = chain.find(isStartError);
  if (hinted !== undefined) return `${hinted.message}: ${hinted.startHint}`;
  const [refused] = chain.filter((cause) => codeOf(cause) in listening);
  return refused === undefined
    ? `${messageOf(error)} (LOG_LEVEL=debug tells more)`
    : (listening[codeOf(refused)]?.(refused) ?? messageOf(refused));
};

/** One line for whoever started the process, and its exit code. */
export const startFailure = (error: unknown): StartFailure => ({
  line: messageOf(`Pulser cannot start: ${explain(error)}`),
  exitCode: causes(error).some((cause) => cause instanceof ConfigError) ? exitCode.config : exitCode.failed,
});
