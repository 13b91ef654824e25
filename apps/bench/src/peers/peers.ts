import type { Contestant } from '../contestants/contestant.js';
import { BullMq } from './bullmq.contestant.js';
import { Celery } from './celery.contestant.js';
import { GraphileWorker } from './graphile-worker.contestant.js';
import { PgBoss } from './pg-boss.contestant.js';

/** What a user would take instead of Pulser. */
export const peers: readonly Contestant[] = [
  new BullMq('always'),
  new BullMq('everysec'),
  new PgBoss(),
  new GraphileWorker(),
  new Celery(),
];
