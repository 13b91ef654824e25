import { statement } from '@pulser/database';

import type { Contestant, Machine, Running } from '../load/contestant.js';
import { EmptyDatabase, NodePrograms, PeerRun } from './peer.js';

const poolSize = 50;
const batchSize = 1_000;

const completed = statement(
  'bench.pg-boss.completed',
  `select count(*) from pgboss.job where name = 'tasks' and state = 'completed'`,
);

/** pg-boss behind Fastify, on the PostgreSQL that Pulser has. */
export class PgBoss implements Contestant {
  readonly name = 'pg-boss';
  readonly settings = [
    `one worker, batchSize ${batchSize}, burstWhenBatchFull, pollingIntervalSeconds 0.5, the least (pgboss.io/api/workers)`,
    'without LISTEN/NOTIFY, which is slower here: PostgreSQL commits transactions that notify one after the other',
    `pool of ${poolSize} connections for each process (pgboss.io/api/constructor, max)`,
    'completed jobs are kept for days, as by default, and read by id',
    'Fastify with schemas of request and answer',
  ];
  private readonly programs = new NodePrograms('pg-boss');

  install(): Promise<void> {
    return this.programs.install();
  }

  start(machine: Machine): Promise<Running> {
    return PeerRun.of(this.name, machine, async (run) => {
      const database = await EmptyDatabase.make(run);
      const port = await this.programs.start(run, {
        DATABASE_URL: database.url,
        POOL_SIZE: String(poolSize),
        BATCH_SIZE: String(batchSize),
      });
      return { port, finished: () => database.count(completed) };
    });
  }
}
