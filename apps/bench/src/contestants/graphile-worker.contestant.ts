import { statement } from '@pulser/database';

import type { Contestant, Machine, Running } from '../load/contestant.js';
import { EmptyDatabase, NodePrograms, PeerRun } from './peer.js';

const poolSize = 100;
const concurrentJobs = 24;
const localQueueSize = 500;

const finished = statement('bench.graphile-worker.finished', 'select count(*) from finished_task');

/** graphile-worker behind Fastify, on the PostgreSQL that Pulser has. */
export class GraphileWorker implements Contestant {
  readonly name = 'graphile-worker';
  readonly settings = [
    `concurrentJobs ${concurrentJobs}, localQueue of ${localQueueSize}, completeJobBatchDelay 0, failJobBatchDelay 0, prepared statements (worker.graphile.org/docs/performance)`,
    'it deletes a finished job, so the task writes a row of its own by which it is read by id, as its users do',
    `pool of ${poolSize} connections in the front, ${concurrentJobs + 2} in the worker`,
    'Fastify with schemas of request and answer',
  ];
  private readonly programs = new NodePrograms('graphile-worker');

  install(): Promise<void> {
    return this.programs.install();
  }

  start(machine: Machine): Promise<Running> {
    return PeerRun.of(this.name, machine, async (run) => {
      const database = await EmptyDatabase.make(run);
      const port = await this.programs.start(run, {
        DATABASE_URL: database.url,
        POOL_SIZE: String(poolSize),
        CONCURRENCY: String(concurrentJobs),
        BATCH_SIZE: String(localQueueSize),
      });
      return { port, finished: () => database.count(finished) };
    });
  }
}
