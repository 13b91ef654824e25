import type { CliEnv } from '../cli.env.js';

export interface Command {
  /** How to call it. */
  readonly usage: string;
  /** @param args what follows the command's name. @returns what to print */
  run(args: readonly string[], env: CliEnv): Promise<string>;
}

/** The call was not of the command's form. */
export class UsageError extends Error {}
