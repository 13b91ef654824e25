// A gateway, a router and a worker of `dash` as processes on real servers, and a client of theirs.
import { mkdtemp, rm } from 'node:fs/promises';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, launch, startTogether } from '@pulser/harness';

export const mains = {
  gateway: 'apps/gateway/dist/main.js',
  router: 'apps/router/dist/main.js',
  dash: 'apps/agents/dash/dist/main.js',
};

const ended = ['completed', 'failed', 'cancelled'];
const taskMs = 120_000;

export class Fleet {
  services = [];

  /** @param key of the tenant that submits */
  constructor(folder, key) {
    this.folder = folder;
    this.key = key;
  }

  static async in(key) {
    return new Fleet(await mkdtemp(join(tmpdir(), 'pulser-fleet-')), key);
  }

  /** Starts all of them. @param variablesOf name -> environment @returns their processes, which are not yet those of the client */
  start(variablesOf) {
    return startTogether(
      Object.entries(mains).map(([name, main]) => ({ name, main, folder: this.folder, variables: variablesOf(name) })),
    );
  }

  /** A service that must end by itself. @returns its exit code and what it wrote */
  async refused(name, variables) {
    const file = join(this.folder, `refused-${name}.log`);
    const log = openSync(file, 'a');
    const port = { PORT: String(await freePort()), HOST: '127.0.0.1' };
    const child = launch({ main: mains[name], log, variables: { ...variables, ...port } });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    closeSync(log);
    return { code, said: readFileSync(file, 'utf8') };
  }

  /** @param services the gateway first */
  async ask(path, init = {}, services = this.services) {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' };
    return fetch(`${services[0].url}/api/v1${path}`, { ...init, headers });
  }

  /** Submits a task and waits for its end. @returns its status, or that of an answer which is none of success */
  async runTask() {
    const payload = { operation: 'query', sources: [], sql: 'select 42 as answer' };
    const body = JSON.stringify({ task_type: 'analytics', payload });
    const answer = await this.ask('/tasks', { method: 'POST', body });
    if (answer.status !== 202) return `HTTP ${answer.status}`;
    const { task_id: id } = await answer.json();
    const deadline = Date.now() + taskMs;
    for (;;) {
      const found = await this.ask(`/tasks/${id}?wait=2`);
      if (!found.ok) return `HTTP ${found.status}`;
      const { status } = await found.json();
      if (ended.includes(status) || Date.now() > deadline) return status;
    }
  }

  async stop(services = this.services) {
    await Promise.all(services.map((service) => service.stop()));
  }

  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
