import { randomBytes } from 'node:crypto';

import { freePort } from '@pulser/harness';

import type { Contestant, Machine, Running } from '../load/contestant.js';
import { DebianRoot, RedisServer } from './debian.js';
import { PeerRun } from './peer.js';

const children = 2;
const prefetch = 64;
const fronts = 2;
// In all more than the connections of the load: each occupies a thread while it is open.
const threads = 64;
// This Redis holds only results, one key each, and the task of the benchmark cannot fail.
const finished = 'DBSIZE';

/** Celery behind Falcon, on the RabbitMQ that Pulser has. */
export class Celery implements Contestant {
  readonly name = 'celery';
  readonly settings = [
    'durable classic queue, persistent messages, publisher confirms by confirm_publish (py-amqp, amqp.Connection)',
    `task_acks_late, prefork with ${children} children, worker_prefetch_multiplier ${prefetch} for short tasks (docs.celeryq.dev, userguide/optimizing)`,
    'worker without gossip, mingle, heartbeat, events and remote control, which cost messages (userguide/workers)',
    'results in a Redis of its own, appendfsync everysec, kept and read by id; the front sends without a result backend, which would subscribe to each',
    `Falcon on uWSGI, ${fronts} processes of ${threads} threads (faster here than gunicorn with threads), broker_pool_limit ${threads}`,
  ];
  private readonly root = new DebianRoot();

  install(): Promise<void> {
    return this.root.install();
  }

  start(machine: Machine): Promise<Running> {
    return PeerRun.of(this.name, machine, async (run) => {
      const results = await RedisServer.start(run, this.root, 'everysec');
      const port = await freePort();
      const variables = this.variables(machine, results);
      await this.root.start(run, 'worker', this.worker(), variables);
      await this.root.start(run, 'front', this.front(port), variables);
      return { port, finished: () => results.count(finished) };
    });
  }

  private variables(machine: Machine, results: RedisServer): Record<string, string> {
    return {
      AMQP_URL: machine.amqpUrl,
      REDIS_PORT: String(results.port),
      QUEUE: `bench-celery-${randomBytes(4).toString('hex')}`,
      POOL_SIZE: String(threads),
      PREFETCH: String(prefetch),
      PYTHONPATH: this.root.program('celery'),
      PYTHONDONTWRITEBYTECODE: '1',
    };
  }

  private worker(): string[] {
    const pool = ['--pool', 'prefork', '--concurrency', String(children)];
    const silence = ['--without-gossip', '--without-mingle', '--without-heartbeat', '--loglevel', 'WARNING'];
    return ['celery', '--app', 'tasks', 'worker', ...pool, ...silence];
  }

  private front(port: number): string[] {
    const listening = ['--http11-socket', `127.0.0.1:${port}`, '--plugin', 'python3', '--module', 'front:app'];
    const size = ['--master', '--lazy-apps', '--processes', String(fronts), '--threads', String(threads)];
    return ['uwsgi', ...listening, ...size, '--disable-logging'];
  }
}
