import { z } from 'zod';

import { taskBody } from '../load/task-body.policy.js';
import { askWell } from '../load/ask.js';
import type { BenchRequest, Running, RunningProcess } from './contestant.js';
import { completedIn } from './finished-count.policy.js';
import type { PulserSystem } from './pulser-system.js';

const Accepted = z.object({ task_id: z.string() });
const Task = z.object({ status: z.string() });

/** Pulser, ready for tasks. */
export class PulserRunning implements Running {
  constructor(readonly system: PulserSystem) {}

  get submit(): BenchRequest {
    const [first] = this.submits;
    if (first === undefined) throw new Error('there is no gateway, or no tenant');
    return first;
  }

  /** One request for each gateway and tenant. */
  get submits(): readonly BenchRequest[] {
    return this.posts('/api/v1/tasks', taskBody);
  }

  /** A request of each tenant to each gateway. */
  posts(path: string, body: string): readonly BenchRequest[] {
    return this.system
      .urls('gateway')
      .flatMap((url) => this.system.store.tenants.map(({ key }) => post(url + path, key, body)));
  }

  read(answer: string): BenchRequest {
    return this.get(`/api/v1/tasks/${Accepted.parse(JSON.parse(answer)).task_id}`);
  }

  /** Answered when the task has ended, or after 10 s. */
  readAtEnd(answer: string): BenchRequest {
    return this.get(`/api/v1/tasks/${Accepted.parse(JSON.parse(answer)).task_id}?wait=10s`);
  }

  isFinished(answer: string): boolean {
    return Task.parse(JSON.parse(answer)).status === 'completed';
  }

  async finished(): Promise<number> {
    const texts = this.system
      .urls('worker')
      .map((url) => askWell({ url: `${url}/metrics`, method: 'GET', headers: {} }));
    return (await Promise.all(texts)).reduce((sum, text) => sum + completedIn(text), 0);
  }

  get processes(): readonly RunningProcess[] {
    return this.system.processes;
  }

  stop(): Promise<void> {
    return this.system.stop();
  }

  private get(path: string): BenchRequest {
    const { url, headers } = this.submit;
    return { url: new URL(path, url).href, method: 'GET', headers: { authorization: headers['authorization'] ?? '' } };
  }
}

const post = (url: string, key: string, body: string): BenchRequest => ({
  url,
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body,
});
