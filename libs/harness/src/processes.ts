// Built programs of this repository as processes: one process, a service that answers at /health, several at once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { workspaceRoot } from './run.js';

/** How a built program of this repository is started. */
export interface Launch {
  /** Path below the root of the repository. */
  readonly main: string;
  /** Modules loaded before it, by `node --import`. */
  readonly preloads?: readonly string[];
  readonly arguments?: readonly string[];
  /** File descriptor for its output. */
  readonly log: number;
  /** Its whole environment, except PATH and where Node keeps what it has compiled. */
  readonly variables: Readonly<Record<string, string>>;
}

/** That of `npm start`: a run starts the same modules again and again. */
const compileCache = join(workspaceRoot, '.pulser/compile-cache');

const launched = new Set<ChildProcess>();

// However this process ends, no process that it started outlives it.
process.once('exit', () => {
  for (const child of launched) child.kill('SIGKILL');
});

/** Starts a program. */
export const launch = ({ main, preloads = [], arguments: given = [], log, variables }: Launch): ChildProcess => {
  const imports = preloads.flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...imports, main, ...given], {
    cwd: workspaceRoot,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, ...variables },
  });
  launched.add(child);
  child.once('exit', () => launched.delete(child));
  return child;
};

/** Whether a process was started and has not ended. */
export const isAlive = (child: ChildProcess | undefined): child is ChildProcess =>
  child?.exitCode === null && child.signalCode === null;

/** Ends a process by a signal and resolves when it is gone. @returns its exit code */
export const end = async (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  // A stopped process (SIGSTOP) handles SIGTERM only once it continues.
  child.kill('SIGCONT');
  await exit;
  return child.exitCode;
};

// Below 32768, where ephemeral ports begin: a service must get its port back after a restart.
const lowestPort = 20_000;
const highestPort = 32_000;

/** A port on which nothing listens now. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort));
    const server = createServer();
    const outcome = await Promise.race([
      once(server.listen(port, '127.0.0.1'), 'listening').then(() => true),
      new Promise<boolean>((resolve) =>
        server.once('error', () => {
          resolve(false);
        }),
      ),
    ]).catch(() => false);
    server.close();
    if (outcome) return port;
  }
};

const healthTimeoutMs = 5_000;
const healthPauseMs = 50;

/** Whether a service reports at /health that it is well. @param url its base URL */
export const answers = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(healthTimeoutMs) }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.ok ?? false;
};

/** Resolves when a service answers, after `patienceMs`, or when `gone` returns true. @returns whether it answers */
export const untilAnswers = async (url: string, patienceMs: number, gone = () => false): Promise<boolean> => {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline && !gone()) {
    if (await answers(url)) return true;
    await wait(healthPauseMs);
  }
  return false;
};

export interface ServiceOptions {
  readonly name: string;
  /** Path of the built program, below the root of the repository. */
  readonly main: string;
  readonly preloads?: readonly string[];
  readonly arguments?: readonly string[];
  /** Folder of its log, `<name>.log`. */
  readonly folder: string;
  /** Its environment, except PATH, PORT and HOST. */
  readonly variables: Readonly<Record<string, string>>;
}

const startPatienceMs = 180_000;

/** A built service as a process that runs until it is stopped. */
export class Service {
  private constructor(
    readonly name: string,
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it answers at /health. @throws when it does not within three minutes */
  static async start({ name, folder, variables, ...program }: ServiceOptions): Promise<Service> {
    const port = await freePort();
    const logFile = join(folder, `${name}.log`);
    const log = openSync(logFile, 'a');
    const child = launch({ ...program, log, variables: { PORT: String(port), HOST: '127.0.0.1', ...variables } });
    closeSync(log);
    const service = new Service(name, `http://127.0.0.1:${port}`, child);
    if (await untilAnswers(service.url, startPatienceMs, () => !isAlive(child))) return service;
    await end(child, 'SIGKILL');
    throw new Error(`${name} did not start: see ${logFile}`);
  }

  /** @throws when the process could not be spawned */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} has no process`);
    return this.child.pid;
  }

  /** @throws when the process had ended by itself */
  async stop(): Promise<void> {
    const wasAlive = isAlive(this.child);
    const code = await end(this.child, 'SIGTERM');
    if (!wasAlive) throw new Error(`${this.name} ended by itself, with code ${String(code)}`);
  }
}

/** Starts services at the same time; returns them in the order given. @throws when one does not start: then the others are stopped */
export const startTogether = async (wanted: readonly ServiceOptions[]): Promise<Service[]> => {
  const outcomes = await Promise.allSettled(wanted.map((options) => Service.start(options)));
  const services = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return services;
  await Promise.allSettled(services.map((service) => service.stop()));
  throw failed.reason;
};
