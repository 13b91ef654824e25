import { type MigratedDatabase, Random, type RunFolder, Servers } from '@pulser/harness';

import { AmqpProducer } from '../load/amqp-producer.js';
import { HttpClient } from '../load/http-client.js';
import { Load } from '../load/load.js';
import { Truth } from '../load/truth.js';
import type { RunOptions } from '../options/run-options.js';
import { Fleet } from '../processes/fleet.js';
import { Rows } from '../rows/rows.js';
import { makeRunDatabase } from './run-database.js';

/** Everything of a run that has to be started and stopped. */
export interface Stage {
  readonly servers: Servers;
  readonly store: MigratedDatabase;
  readonly fleet: Fleet;
  readonly truth: Truth;
  readonly http: HttpClient;
  readonly amqp: AmqpProducer;
  readonly load: Load;
  readonly rows: Rows;
}

/** Starts servers and processes; the load is not started yet. */
export const setStage = async ({ suite, instance, seed, rate }: RunOptions, folder: RunFolder): Promise<Stage> => {
  const servers = await Servers.up(suite, instance);
  await servers.broker('wipe');
  const store = await makeRunDatabase(servers.databaseUrl);
  const fleet = await Fleet.make({ servers, databaseUrl: store.url, folder: folder.path });
  await fleet.start();
  const random = new Random(seed);
  const truth = new Truth(folder.file('accepted.jsonl'));
  const http = new HttpClient(
    fleet.of('gateway').map(({ service }) => service.url),
    random.fork(),
  );
  const amqp = new AmqpProducer(servers.amqpUrl);
  const load = new Load({ http, amqp, truth, tenants: store.tenants, random: random.fork(), rate });
  return { servers, store, fleet, truth, http, amqp, load, rows: new Rows(store.database) };
};

/** Ends what was started; the servers are deleted with their data. */
export const clearStage = async ({ fleet, amqp, truth, store, servers }: Stage): Promise<void> => {
  await fleet.stop();
  await amqp.close();
  truth.close();
  await store.database.close();
  await servers.down();
};
