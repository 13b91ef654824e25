import { withTimeLimit } from '@pulser/concurrency';

import { BaseEnv } from '../env/base-env.js';
import { type EnvSource, processEnv, Env } from '../env/env.js';
import { createLogger, type Logger } from '../log/logger.js';
import { startFailure } from './start-failure.policy.js';

/** What a process is there to run: one service, or, in embedded mode, all of them. */
export interface Program {
  readonly name: string;
  /** Reads its configuration and starts. Rejects when it cannot, after closing what it had opened. */
  readonly start: (source: EnvSource) => Promise<RunningProgram>;
}

export interface RunningProgram {
  readonly close: () => Promise<void>;
}

/**
 * Makes this process the program's own. SIGTERM and SIGINT drain it (SHUTDOWN_TIMEOUT_S at most) and exit 0, or 1 when
 * work was left undone; another signal later than half a second exits at once with 130. What keeps it from starting is
 * one line on standard error, with exit code 78 for configuration and 1 for anything else; LOG_LEVEL=debug adds the
 * stack. An unforeseen error ends the process with 1.
 */
export const runProgram = async (program: Program): Promise<void> =>
  new ProgramProcess(program, process, processEnv()).run();

/** What of Node's `process` is used. */
export interface OwnProcess {
  on(event: string, listener: (cause: unknown) => void): unknown;
  exit(code: number): void;
  readonly stderr: { write(text: string): unknown };
}

class Settings extends Env({
  LOG_LEVEL: BaseEnv.LOG_LEVEL,
  LOG_PRETTY: BaseEnv.LOG_PRETTY,
  SHUTDOWN_TIMEOUT_S: BaseEnv.SHUTDOWN_TIMEOUT_S,
}) {}

const settingsOf = (source: EnvSource): Settings => {
  try {
    return Settings.read(source);
  } catch {
    // The program read these too and said which one is wrong.
    return Settings.read({});
  }
};

const interrupted = 130;

// Under npm one Ctrl-C arrives twice: from the terminal and forwarded by npm.
const echoMs = 500;

/** The life of a process that runs one program: start, signals, drain, exit code. */
export class ProgramProcess {
  private readonly settings: Settings;
  private readonly logger: Logger;
  private starting: Promise<RunningProgram> | undefined;
  private stoppingSince: number | undefined;

  constructor(
    private readonly program: Program,
    private readonly own: OwnProcess,
    private readonly source: EnvSource,
  ) {
    this.settings = settingsOf(source);
    const { LOG_LEVEL: level, LOG_PRETTY: pretty } = this.settings;
    this.logger = createLogger({ service: program.name, level, pretty });
  }

  /** Resolves once the program has started, or was told that it cannot. */
  async run(): Promise<void> {
    this.own.on('SIGTERM', this.signalled);
    this.own.on('SIGINT', this.signalled);
    this.own.on('uncaughtException', this.die);
    this.own.on('unhandledRejection', this.die);
    try {
      this.starting = this.program.start(this.source);
      await this.starting;
    } catch (error) {
      this.failToStart(error);
    }
  }

  private failToStart(error: unknown): void {
    const { line, exitCode } = startFailure(this.program.name, error);
    this.own.stderr.write(`${line}\n`);
    const stack = error instanceof Error ? error.stack : undefined;
    if (stack !== undefined && this.logger.isLevelEnabled('debug')) this.own.stderr.write(`${stack}\n`);
    this.own.exit(exitCode);
  }

  private readonly signalled = (): void => {
    if (this.stoppingSince === undefined) void this.stop();
    else if (performance.now() - this.stoppingSince > echoMs) this.own.exit(interrupted);
  };

  private async stop(): Promise<void> {
    this.stoppingSince = performance.now();
    try {
      const closed = this.starting?.then((running) => running.close()) ?? Promise.resolve();
      await withTimeLimit(closed, this.settings.SHUTDOWN_TIMEOUT_S * 1_000);
      this.own.exit(0);
    } catch (err) {
      this.logger.error({ err }, 'stopped with work left undone');
      this.own.exit(1);
    }
  }

  // Nobody knows what state an unforeseen error leaves behind: the next process starts clean.
  private readonly die = (err: unknown): void => {
    this.logger.fatal({ err }, 'unforeseen error');
    this.own.exit(1);
  };
}
