import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { untilAnswers } from './answers.js';
import { freePort } from './free-port.js';
import { end, isAlive, launch } from './launch.js';

export interface ServiceOptions {
  readonly name: string;
  /** Path of the built program, below the root of the repository. */
  readonly main: string;
  readonly preloads?: readonly string[];
  /** Where its log goes, as `<name>.log`. */
  readonly folder: string;
  /** Its environment, beside PATH, PORT and HOST. */
  readonly variables: Readonly<Record<string, string>>;
}

const patienceMs = 60_000;

/** A built service as a process of its own, which lives until it is stopped. */
export class Service {
  private constructor(
    readonly name: string,
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it answers at /health. @throws when it does not */
  static async start({ name, main, preloads = [], folder, variables }: ServiceOptions): Promise<Service> {
    const port = await freePort();
    const logFile = join(folder, `${name}.log`);
    const log = openSync(logFile, 'a');
    const child = launch({ main, preloads, log, variables: { PORT: String(port), HOST: '127.0.0.1', ...variables } });
    closeSync(log);
    const service = new Service(name, `http://127.0.0.1:${port}`, child);
    if (await untilAnswers(service.url, patienceMs, () => !isAlive(child))) return service;
    await end(child, 'SIGKILL');
    throw new Error(`${name} did not start: see ${logFile}`);
  }

  /** @throws when it has not started at all */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} has no process`);
    return this.child.pid;
  }

  /** @throws when it is gone without being asked to */
  async stop(): Promise<void> {
    const wasAlive = isAlive(this.child);
    const code = await end(this.child, 'SIGTERM');
    if (!wasAlive) throw new Error(`${this.name} ended by itself, with code ${String(code)}`);
  }
}
