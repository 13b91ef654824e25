import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { Service } from '@pulser/harness';

import { askWell } from '../load/ask.js';
import type { BenchRequest, Machine, Running, RunningProcess } from './contestant.js';
import { completedIn } from './finished-count.policy.js';
import { isCompleted, taskRequest } from './pulser-api.js';
import { raisedLimits } from './pulser-program.js';

/** Its agents are those that ship; what this one would do is left out by the preload. */
const body = JSON.stringify({ task_type: 'analytics', payload: { operation: 'query', sources: [], sql: 'select 1' } });

const keyPatienceMs = 30_000;

/** The key that a first start makes, once it has. */
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

  /** @param name of this start: its data are in a folder of its own */
  static async start({ folder }: Machine, name: string): Promise<EmbeddedRunning> {
    const dataFolder = join(folder, name);
    // An earlier piece of the same run may have left its tasks there.
    rmSync(dataFolder, { recursive: true, force: true });
    const service = await Service.start({
      name,
      main: 'apps/embedded/dist/main.js',
      preloads: ['./apps/bench/dist/layers/no-work.preload.js'],
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
