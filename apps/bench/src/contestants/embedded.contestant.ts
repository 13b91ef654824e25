// All of Pulser in one process, as `npm start` runs it.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { Service } from '@pulser/harness';

import { askWell } from '../load/blast.js';
import type { BenchRequest, Machine, Running, RunningProcess } from '../load/contestant.js';
import { completedIn, isCompleted, taskRequest } from './pulser.contestant.js';
import { raisedLimits } from './pulser-system.js';

/** The agents are those that ship; the preload makes this operation do nothing. */
const body = JSON.stringify({ task_type: 'analytics', payload: { operation: 'query', sources: [], sql: 'select 1' } });

const keyPatienceMs = 30_000;

/** The API key that the first start creates. */
const keyIn = async (dataFolder: string): Promise<string> => {
  const file = join(dataFolder, 'api-key');
  const deadline = performance.now() + keyPatienceMs;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error(`embedded mode made no ${file}`);
    await wait(50);
  }
  return readFileSync(file, 'utf8').trim();
};

/** All of Pulser in one process, as `npm start` runs it. */
export class EmbeddedRunning implements Running {
  private constructor(
    private readonly service: Service,
    private readonly key: string,
  ) {}

  /** @param name of this start: its data folder has this name */
  static async start({ folder }: Machine, name: string): Promise<EmbeddedRunning> {
    const dataFolder = join(folder, name);
    // An earlier piece of the same run may have left tasks there.
    rmSync(dataFolder, { recursive: true, force: true });
    const service = await Service.start({
      name,
      main: 'apps/embedded/dist/main.js',
      preloads: ['./apps/bench/dist/contestants/no-work.preload.js'],
      folder,
      variables: { PULSER_DATA_DIR: dataFolder, ...raisedLimits },
    });
    return new EmbeddedRunning(service, await keyIn(dataFolder));
  }

  get submit(): BenchRequest {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' };
    return { url: `${this.service.url}/api/v1/tasks`, method: 'POST', headers, body };
  }

  read(answer: string): BenchRequest {
    return taskRequest(this.submit, answer);
  }

  readEnd(answer: string): BenchRequest {
    return taskRequest(this.submit, answer, '?wait=10s');
  }

  isFinished(answer: string): boolean {
    return isCompleted(answer);
  }

  async finished(): Promise<number> {
    return completedIn(await askWell({ url: `${this.service.url}/metrics`, method: 'GET', headers: {} }));
  }

  get processes(): readonly RunningProcess[] {
    return [{ name: this.service.name, pid: this.service.pid }];
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}
