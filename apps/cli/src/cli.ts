// The command line: the table of commands, and one outcome per call.
import { ConfigError, messageOf } from '@pulser/service-kit';

import { CliEnv, type Command, UsageError } from './command.js';
import { agents } from './commands/agents.command.js';
import { audit } from './commands/audit.command.js';
import { deadLetters } from './commands/dead-letters.command.js';
import { keys } from './commands/keys.command.js';
import { migrate } from './commands/migrate.command.js';
import { pauses } from './commands/pauses.command.js';
import { tenants } from './commands/tenants.command.js';

const commands: Readonly<Record<string, Command>> = {
  migrate,
  keys,
  tenants,
  pauses,
  agents,
  audit,
  'dead-letters': deadLetters,
};

const usage = ['Usage: npm run pulser -- <command>', ...Object.values(commands).map((one) => `  ${one.usage}`)];

export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** An option that the command does not have, or that lacks its value. */
const isParseError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

// https://man.freebsd.org/cgi/man.cgi?sysexits: 64 usage, 78 configuration.
const exitCodeOf = (error: unknown): number => {
  if (error instanceof UsageError || isParseError(error)) return 64;
  return error instanceof ConfigError ? 78 : 1;
};

const hintOf = (error: unknown): string => {
  const hint: unknown = error instanceof Error ? Reflect.get(error, 'startHint') : undefined;
  return typeof hint === 'string' ? ` (${hint})` : '';
};

/** Runs one command of the command line. */
export const cli = async ([name = '', ...args]: readonly string[]): Promise<Outcome> => {
  const command = commands[name];
  if (command === undefined) return { exitCode: 64, out: '', err: usage.join('\n') };
  try {
    return { exitCode: 0, out: await command.run(args, CliEnv.read()), err: '' };
  } catch (error) {
    return { exitCode: exitCodeOf(error), out: '', err: `pulser ${name}: ${messageOf(error)}${hintOf(error)}` };
  }
};
