// The stage of a run: servers, a database, Pulser's processes and the load; and waiting until all of it is at rest.
import { setTimeout as wait } from 'node:timers/promises';

import { Agents, systemActor, TenantSettings } from '@pulser/context-bus';
import { statement } from '@pulser/database';
import {
  administer,
  makeMigratedDatabase,
  type MigratedDatabase,
  openAsAdministrator,
  Random,
  type RunFolder,
  Servers,
} from '@pulser/harness';
import { z } from 'zod';

import { type FactsStore, type QueueFact, Rows } from '../check/facts.js';
import { areWritten, noToolFacts, readToolFacts, type ToolFacts } from '../check/tool-facts.js';
import { allPrograms, Fleet, type Program, type Variables } from '../fleet/fleet.js';
import { silentOrigin } from '../load/agent-work.js';
import { Model } from '../load/asks.js';
import { AmqpProducer, HttpClient } from '../load/clients.js';
import { Load, type LoadOptions } from '../load/load.js';
import { Truth } from '../load/orders.js';
import { outsideSchema, ownAgent, ownTaskType } from '../worker/outside.js';
import { makeSurroundings, makeToolServers, type Surroundings, toolServersFile } from './surroundings.js';

const tenants = ['acme', 'globex', 'initech'] as const;

const oldRuns = statement('chaos.old', `select datname from pg_database where datname like 'chaos_run_%'`);

const dropOldRuns = async (url: string): Promise<void> => {
  const database = await openAsAdministrator(url, 1, 'chaos-drop-old');
  const rows = await database.query<{ datname: string }>(oldRuns);
  await database.close();
  await administer(
    url,
    rows.map(({ datname }) => `drop database ${datname} with (force)`),
  );
};

/** Creates the migrated database of a run, with tenants, their keys and the outside system; drops those of earlier runs. */
const makeRunDatabase = async (serverUrl: string): Promise<MigratedDatabase> => {
  await dropOldRuns(serverUrl);
  const made = await makeMigratedDatabase({ serverUrl, prefix: 'chaos_run', tenants });
  await administer(made.url, outsideSchema);
  return made;
};

/** @returns the token with which the run's own agent registers */
const admitOwnAgent = ({ database }: MigratedDatabase): Promise<string> =>
  new Agents(database).admit({ agent: ownAgent, types: [ownTaskType], backsUp: [] });

/** Lets tests of every tenant ask where nothing answers. */
const allowSilentHost = async ({ database, tenants: all }: MigratedDatabase): Promise<void> => {
  const { hostname, port } = new URL(silentOrigin);
  const value = [{ host: hostname, ports: [Number(port)] }];
  const settings = new TenantSettings(database);
  for (const { id } of all)
    await settings.put(id, systemActor('chaos'), { name: 'allowed-hosts', value, expected: 'whatever' });
};

/** Everything that a run starts and stops. */
export interface Stage {
  readonly servers: Servers;
  readonly store: MigratedDatabase;
  readonly fleet: Fleet;
  readonly truth: Truth;
  readonly http: HttpClient;
  readonly amqp: AmqpProducer;
  readonly load: Load;
  readonly rows: Rows;
  /** Undefined for a drill. */
  readonly surroundings: Surroundings | undefined;
}

export interface StageOptions {
  /** Debian suite of the servers: forky has RabbitMQ 4.3, trixie 4.0. */
  readonly suite: 'forky' | 'trixie';
  /** Name of the instance of the servers: concurrent runs need different ones. */
  readonly instance: string;
  readonly seed: number;
  /** Tasks per second. */
  readonly rate: number;
  /** By default all of a run of chaos. */
  readonly programs?: readonly Program[];
  readonly variablesOf?: (program: Program) => Variables;
  readonly next?: LoadOptions['next'];
  /** That agents ask; with it come standing orders and a person who decides. */
  readonly model?: Model;
}

/** Starts servers and processes, but not the load. */
export const setStage = async (options: StageOptions, folder: RunFolder): Promise<Stage> => {
  const servers = await Servers.up(options.suite, options.instance);
  const model = await Model.start();
  try {
    return await setStageOn(servers, { ...options, model }, folder);
  } catch (error) {
    await model.stop();
    await servers.down();
    throw error;
  }
};

/** The same on servers that run already, and lose what they have. */
export const setStageOn = async (
  servers: Servers,
  { seed, rate, next, programs = allPrograms, variablesOf, model }: StageOptions,
  folder: RunFolder,
): Promise<Stage> => {
  await servers.broker('wipe');
  const store = await makeRunDatabase(servers.databaseUrl);
  const agentToken = await admitOwnAgent(store);
  await allowSilentHost(store);
  const toolServers = model && makeToolServers(folder, store);
  const fleet = await Fleet.make({
    ...{ servers, databaseUrl: store.url, agentToken, folder: folder.path, programs },
    ...(variablesOf !== undefined && { variablesOf }),
    ...(model !== undefined && { modelVariables: model.variables, toolServersFile: folder.file(toolServersFile) }),
  });
  await fleet.start().catch(async (error: unknown) => {
    await store.database.close();
    throw error;
  });
  const random = new Random(seed);
  const truth = new Truth(folder.file('accepted.jsonl'));
  const gateways = fleet.of('gateway').map(({ service }) => service.url);
  const http = new HttpClient(gateways, random.fork());
  const amqp = new AmqpProducer(servers.amqpUrl);
  const ofLoad = random.fork();
  const surroundings =
    model &&
    toolServers &&
    (await makeSurroundings({ model, toolServers, gateways, http, store, random: random.fork() }));
  const load = new Load({
    ...{ http, amqp, truth, tenants: store.tenants, random: ofLoad, rate },
    ...(next !== undefined && { next }),
    ...(surroundings !== undefined && { standing: surroundings.standing }),
  });
  return { servers, store, fleet, truth, http, amqp, load, rows: new Rows(store.database), surroundings };
};

/** Stops everything but the servers. */
export const leaveStage = async ({ load, fleet, amqp, truth, store, surroundings }: Stage): Promise<void> => {
  // One that was abandoned in the middle would submit for ever.
  await Promise.all([load.stop(0), surroundings?.toolCalls.stop(0)]);
  await surroundings?.approver.stop();
  await fleet.stop();
  await surroundings?.model.stop();
  await amqp.close();
  truth.close();
  await store.database.close();
};

/** Stops everything; the servers are deleted with their data. */
export const clearStage = async (stage: Stage): Promise<void> => {
  await leaveStage(stage);
  await stage.servers.down();
};

/**
 * Without progress for so long the run will not settle any more, in milliseconds: the dispatcher looks at a row again
 * after 256 s at the latest.
 */
const stillMs = 300_000;
const settlePatienceMs = 900_000;
const pollMs = 500;

/** A gateway may still insert a submission without a key that its client gave up, hence a second look after so long. */
const restMs = 2_000;

interface Left {
  /** Tasks that have not ended. */
  readonly open: number;
  /** Accepted orders without a row: those over AMQP may still be in the broker. */
  readonly missing: number;
}

const left = async ({ rows, truth }: Stage): Promise<Left> => {
  const open = await rows.open();
  // Reads every row: only once no task is open.
  return { open, missing: open > 0 ? 0 : await rows.missing(truth.accepted.map(({ ref }) => ref)) };
};

const staysAtRest = async (stage: Stage): Promise<boolean> => {
  await wait(restMs);
  const { open, missing } = await left(stage);
  return open + missing === 0;
};

/** Resolves when no task is open and every accepted order has its row, or after a bounded time. @returns whether so */
export const settle = async (stage: Stage): Promise<boolean> => {
  const end = performance.now() + settlePatienceMs;
  let least = Infinity;
  let lastProgress = performance.now();
  while (performance.now() < Math.min(end, lastProgress + stillMs)) {
    const { open, missing } = await left(stage);
    if (open + missing === 0 && (await staysAtRest(stage))) return true;
    if (open + missing < least) {
      least = open + missing;
      lastProgress = performance.now();
    }
    await wait(pollMs);
  }
  return false;
};

const Listed = z.array(z.object({ name: z.string(), messages_ready: z.int(), messages_unacknowledged: z.int() }));

const restPatienceMs = 15_000;

const listQueues = async (servers: Servers): Promise<QueueFact[]> => {
  const columns = ['name', 'messages_ready', 'messages_unacknowledged'];
  const printed = await servers.rabbitmqctl('list_queues', '--formatter', 'json', ...columns);
  return Listed.parse(JSON.parse(printed)).map((one) => ({
    name: one.name,
    ready: one.messages_ready,
    unacknowledged: one.messages_unacknowledged,
  }));
};

/** The broker's queues, once no message is unacknowledged or after a bounded time. */
export const restingQueues = async (servers: Servers): Promise<QueueFact[]> => {
  const deadline = performance.now() + restPatienceMs;
  for (;;) {
    const queues = await listQueues(servers);
    if (performance.now() > deadline || queues.every(({ unacknowledged }) => unacknowledged === 0)) return queues;
    await wait(500);
  }
};

/** Resolves when the routers have folded all that happened, or after a bounded time. */
export const restingCounts = async (store: FactsStore): Promise<void> => {
  const deadline = performance.now() + restPatienceMs;
  while ((await store.unfolded()) > 0 && performance.now() < deadline) await wait(pollMs);
};

/** What became of the calls of tools, once the coordinators have written all of them down, or after a bounded time. */
export const restingTools = async ({ store, fleet, surroundings }: Stage): Promise<ToolFacts> => {
  if (surroundings === undefined) return noToolFacts;
  const { toolCalls: calls, toolServers: servers } = surroundings;
  const deadline = performance.now() + restPatienceMs;
  for (;;) {
    const facts = await readToolFacts({ database: store.database, fleet, calls, servers });
    if (areWritten(facts) || performance.now() > deadline) return facts;
    await wait(pollMs);
  }
};
