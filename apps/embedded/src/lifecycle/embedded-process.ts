import { withTimeLimit } from '@pulser/concurrency';
import { createLogger, type EnvSource, type Logger, processEnv, startFailure } from '@pulser/service-kit';

import { EmbeddedEnv } from '../embedded.env.js';
import { welcomeText } from '../welcome/welcome.policy.js';
import { takePlace } from './place.js';
import { Progress } from './progress.js';
import type { Pulser } from './pulser.js';

const interrupted = 130;
const talkative = new Set(['debug', 'trace']);

/** The life of the process: start, signals, drain, exit code. */
export class EmbeddedProcess {
  private readonly progress = new Progress(process.stderr);
  private logger: Logger;
  private starting: Promise<Pulser> | undefined;
  private stopMs = 10_000;
  private stopping = false;

  constructor(private readonly source: EnvSource = processEnv()) {
    this.logger = createLogger({ service: 'embedded', level: 'warn' });
  }

  /** Resolves once everything runs. When the start fails, the process has ended with one line that gives the reason. */
  async run(): Promise<void> {
    process.on('SIGINT', this.stopByUser);
    process.on('SIGTERM', this.stopByUser);
    // A reader of the output (`| tee log`) ends by the same Ctrl-C: that must not end the stop.
    process.stderr.on('error', () => undefined);
    // The launcher is gone, and can send no signal any more.
    process.on('disconnect', () => void this.stop());
    process.on('uncaughtException', this.die);
    process.on('unhandledRejection', this.die);
    try {
      this.starting = this.start();
      const { welcome } = await this.starting;
      process.stdout.write(welcomeText(welcome, this.progress.elapsed));
    } catch (error) {
      this.failToStart(error);
    }
  }

  private async start(): Promise<Pulser> {
    const env = EmbeddedEnv.read(this.source);
    this.stopMs = env.SHUTDOWN_TIMEOUT_S * 1_000;
    this.logger = createLogger({ service: 'embedded', level: env.LOG_LEVEL, pretty: env.logsArePretty });
    const place = await takePlace(env);
    // Loaded only now: what keeps it from starting here is said before thousands of modules are read.
    const { Pulser } = await import('./pulser.js');
    return Pulser.start(env, place, { logger: this.logger, progress: this.progress, onPanic: this.panic });
  }

  private failToStart(error: unknown): void {
    const { line, exitCode } = startFailure('Pulser', error);
    process.stderr.write(`${line}\n`);
    const stack = error instanceof Error ? error.stack : undefined;
    if (stack !== undefined && talkative.has(this.source['LOG_LEVEL'] ?? '')) process.stderr.write(`${stack}\n`);
    process.exit(exitCode);
  }

  private readonly stopByUser = (): void => {
    const seconds = this.stopMs / 1_000;
    if (!this.stopping)
      process.stderr.write(`Stopping: waiting up to ${seconds} s for running tasks. Ctrl-C again ends it at once.\n`);
    void this.stop();
  };

  private async stop(): Promise<void> {
    if (this.stopping) process.exit(interrupted);
    this.stopping = true;
    const code = await withTimeLimit(this.closed(), this.stopMs).then(
      () => 0,
      (err: unknown) => {
        this.logger.error({ err }, 'not stopped in good order: the next start recovers');
        return 1;
      },
    );
    process.exit(code);
  }

  /** Waits for a start in progress; when it fails, `run` prints the reason and ends the process. */
  private async closed(): Promise<void> {
    const pulser = await this.starting?.catch(() => undefined);
    await pulser?.close();
  }

  // After these the state of the process is unknown: the next process starts clean.
  private readonly panic = (reason: string): void => {
    process.stderr.write(`Pulser stopped, because its database had to (${reason}): cure that and start it again\n`);
    process.exit(1);
  };

  private readonly die = (err: unknown): void => {
    this.logger.fatal({ err }, 'unforeseen error');
    process.exit(1);
  };
}
