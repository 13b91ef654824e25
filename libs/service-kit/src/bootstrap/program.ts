// The life of a process that runs one program: start, signals, drain, exit code.
import { withTimeLimit } from '@pulser/concurrency';

import { BaseEnv } from '../env/base-env.js';
import { Env, processEnv, type EnvSource } from '../env/env.js';
import { createLogger, type Logger } from '../log/logger.js';
import { startFailure } from './start-failure.policy.js';

/** Reads the configuration and starts. Rejects when it cannot, after closing what it had opened. */
export type StartProgram = (source: EnvSource) => Promise<{ close(): Promise<void> }>;

/**
 * Runs one program in this process. SIGTERM and SIGINT drain it (at most SHUTDOWN_DELAY_S and SHUTDOWN_TIMEOUT_S) and exit with 0, or with 1
 * when work is left undone; another signal more than half a second later exits at once with 130. A failed start writes
 * one line to standard error and exits with 78 for a wrong configuration, with 1 for anything else; LOG_LEVEL=debug adds
 * the stack. An unforeseen error exits with 1.
 * @param name in the log and in the line about a failed start
 */
export const runProgram = async (name: string, start: StartProgram): Promise<void> =>
  new ProgramProcess(name, start, process, processEnv()).run();

/** The part of Node's `process` that is used. */
export interface OwnProcess {
  on(event: string, listener: (cause: unknown) => void): unknown;
  exit(code: number): void;
  readonly stderr: { write(text: string): unknown };
}

class Settings extends Env({
  LOG_LEVEL: BaseEnv.LOG_LEVEL,
  LOG_PRETTY: BaseEnv.LOG_PRETTY,
  SHUTDOWN_TIMEOUT_S: BaseEnv.SHUTDOWN_TIMEOUT_S,
  SHUTDOWN_DELAY_S: BaseEnv.SHUTDOWN_DELAY_S,
}) {}

/** Milliseconds that a program may take to close. */
export const shutdownLimitMs = (env: Pick<Settings, 'SHUTDOWN_TIMEOUT_S' | 'SHUTDOWN_DELAY_S'>): number =>
  (env.SHUTDOWN_DELAY_S + env.SHUTDOWN_TIMEOUT_S) * 1_000;

const settingsOf = (source: EnvSource): Settings => {
  try {
    return Settings.read(source);
  } catch {
    // The program reads the same variables and reports the wrong one.
    return Settings.read({});
  }
};

const interrupted = 130;

// Under npm one Ctrl-C arrives twice: from the terminal and forwarded by npm.
const echoMs = 500;

/** Use {@link runProgram}; the class is exported for tests, which have a process of their own to give. */
export class ProgramProcess {
  private readonly settings: Settings;
  private readonly logger: Logger;
  private starting: ReturnType<StartProgram> | undefined;
  private stoppingSince: number | undefined;

  constructor(
    private readonly name: string,
    private readonly start: StartProgram,
    private readonly own: OwnProcess,
    private readonly source: EnvSource,
  ) {
    this.settings = settingsOf(source);
    const { LOG_LEVEL: level, LOG_PRETTY: pretty } = this.settings;
    this.logger = createLogger({ service: name, level, pretty });
  }

  /** Resolves once the program has started or its failure is reported. */
  async run(): Promise<void> {
    this.own.on('SIGTERM', this.onSignal);
    this.own.on('SIGINT', this.onSignal);
    this.own.on('uncaughtException', this.die);
    this.own.on('unhandledRejection', this.die);
    try {
      this.starting = this.start(this.source);
      await this.starting;
    } catch (error) {
      this.failToStart(error);
    }
  }

  private failToStart(error: unknown): void {
    const { line, exitCode } = startFailure(this.name, error);
    this.own.stderr.write(`${line}\n`);
    const stack = error instanceof Error ? error.stack : undefined;
    if (stack !== undefined && this.logger.isLevelEnabled('debug')) this.own.stderr.write(`${stack}\n`);
    this.own.exit(exitCode);
  }

  private readonly onSignal = (): void => {
    if (this.stoppingSince === undefined) void this.stop();
    else if (performance.now() - this.stoppingSince > echoMs) this.own.exit(interrupted);
  };

  private async stop(): Promise<void> {
    this.stoppingSince = performance.now();
    try {
      const closed = this.starting?.then((running) => running.close()) ?? Promise.resolve();
      await withTimeLimit(closed, shutdownLimitMs(this.settings));
      this.own.exit(0);
    } catch (err) {
      this.logger.error({ err }, 'stopped with work left undone');
      this.own.exit(1);
    }
  }

  // The state after an unforeseen error is unknown: the next process starts clean.
  private readonly die = (err: unknown): void => {
    this.logger.fatal({ err }, 'unforeseen error');
    this.own.exit(1);
  };
}
