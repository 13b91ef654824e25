import { askWell } from '../load/ask.js';
import { taskBody } from '../load/task-body.policy.js';
import type { Load } from '../stretch/stretch.js';
import type { BenchRequest, Running, RunningProcess } from './contestant.js';
import { endedRows } from './ended-rows.js';
import { completedIn } from './finished-count.policy.js';
import { isCompleted, taskRequest } from './pulser-api.js';
import type { PulserSystem } from './pulser-system.js';

/** Pulser, ready for tasks. */
export class PulserRunning implements Running {
  constructor(readonly system: PulserSystem) {}

  get submit(): BenchRequest {
    const [first] = this.loads.flat();
    if (first === undefined) throw new Error('there is no gateway, or no tenant');
    return first;
  }

  /** By gateway: a task of each tenant. */
  get loads(): readonly Load[] {
    return this.posts('/api/v1/tasks', taskBody);
  }

  /** By gateway: a request of each tenant. */
  posts(path: string, body: string): readonly Load[] {
    return this.system
      .urls('gateway')
      .map((url) => this.system.store.tenants.map(({ key }) => post(url + path, key, body)));
  }

  read(answer: string): BenchRequest {
    return taskRequest(this.submit, answer);
  }

  /** Answered when the task has ended, or after 10 s. */
  readEnd(answer: string): BenchRequest {
    return taskRequest(this.submit, answer, '?wait=10s');
  }

  isFinished(answer: string): boolean {
    return isCompleted(answer);
  }

  async finished(): Promise<number> {
    const texts = this.system
      .urls('worker')
      .map((url) => askWell({ url: `${url}/metrics`, method: 'GET', headers: {} }));
    return (await Promise.all(texts)).reduce((sum, text) => sum + completedIn(text), 0);
  }

  /** @throws when the rows do not say what the metrics do */
  async verify(): Promise<void> {
    const [finished, ended] = await Promise.all([this.finished(), endedRows(this.system.store.database)]);
    if (ended.completed !== finished || ended.open > 0) {
      throw new Error(
        `${finished} tasks were counted; ${ended.completed} rows are completed, ${ended.open} have not ended`,
      );
    }
  }

  get processes(): readonly RunningProcess[] {
    return this.system.processes;
  }

  stop(): Promise<void> {
    return this.system.stop();
  }
}

const post = (url: string, key: string, body: string): BenchRequest => ({
  url,
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body,
});
