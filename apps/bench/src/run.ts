// A run of the benchmark: the machine, the contestants, and one measurement after the other.
import { cpus, release, totalmem } from 'node:os';

import { statement } from '@pulser/database';
import { openAsAdministrator, type Servers, Unavailable } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';

import { BullMq } from './contestants/bullmq.contestant.js';
import { Celery } from './contestants/celery.contestant.js';
import { GraphileWorker } from './contestants/graphile-worker.contestant.js';
import { PgBoss } from './contestants/pg-boss.contestant.js';
import { pulser, pulserOtherwise } from './contestants/pulser.contestant.js';
import type { Contestant } from './load/contestant.js';
import { backlog } from './measurements/backlog.js';
import { batches } from './measurements/batches.js';
import { cpu } from './measurements/cpu.js';
import { dashboard } from './measurements/dashboard.js';
import { dashboardCost } from './measurements/dashboard-cost.js';
import { embedded } from './measurements/embedded.js';
import { healthCost } from './measurements/health-cost.js';
import { latency } from './measurements/latency.js';
import { mcp } from './measurements/mcp.js';
import type { Bench, Measurement } from './measurements/measurement.js';
import { memory } from './measurements/memory.js';
import { scaling } from './measurements/scaling.js';
import { tenants } from './measurements/tenants.js';
import { throughput } from './measurements/throughput.js';
import { workflows } from './measurements/workflows.js';
import { megabytes } from './report/figures.policy.js';
import { type Finding, type MeasurementName, type ResultFile, tableText } from './report/report.js';

const measurements: Readonly<Record<MeasurementName, Measurement>> = {
  throughput,
  cpu,
  batches,
  latency,
  backlog,
  memory,
  scaling,
  tenants,
  embedded,
  dashboard,
  'dashboard-cost': dashboardCost,
  workflows,
  'health-cost': healthCost,
  mcp,
};

/** What a user would take instead of Pulser, after Pulser in other settings. */
const peers: readonly Contestant[] = [
  ...pulserOtherwise,
  new BullMq('always'),
  new BullMq('everysec'),
  new PgBoss(),
  new GraphileWorker(),
  new Celery(),
];

/**
 * Pulser, and the peers that it is compared with.
 * @param names of peers, or `all`, or `none`
 * @throws TypeError for a name of no peer
 */
export const chosenContestants = (names: readonly string[]): readonly Contestant[] => {
  if (names.includes('all')) return [pulser, ...peers];
  const wanted = names.filter((name) => name !== 'none');
  const known = peers.map(({ name }) => name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new TypeError(`--peers: no ${unknown.join(', ')} among ${known.join(', ')}`);
  return [pulser, ...peers.filter(({ name }) => wanted.includes(name))];
};

/** Installs what each contestant needs. @returns those that this machine can have, and why it cannot have the others */
export const installed = async (chosen: readonly Contestant[]): Promise<Pick<Bench, 'contestants' | 'absent'>> => {
  const [ready, absent]: [Contestant[], string[]] = [[], []];
  for (const contestant of chosen) {
    try {
      await contestant.install();
      ready.push(contestant);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      absent.push(`${contestant.name} is not compared here: ${messageOf(error)}`);
    }
  }
  return { contestants: ready, absent };
};

const serverVersion = statement('bench.version', `select current_setting('server_version') as version`);

const serverSettings = statement(
  'bench.settings',
  `select string_agg(name || ' = ' || current_setting(name), ', ' order by name) as settings from pg_settings
   where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers')`,
);

/** The facts of the machine that every figure depends on. */
export const machineFacts = async (servers: Servers): Promise<Record<string, string>> => {
  const database = await openAsAdministrator(servers.databaseUrl, 1, 'bench-facts');
  try {
    const [server] = await database.query<{ version: string }>(serverVersion);
    const [set] = await database.query<{ settings: string }>(serverSettings);
    return {
      cores: `${cpus().length} (${cpus()[0]?.model ?? 'unknown'})`,
      memory: `${megabytes(totalmem())} MB`,
      Linux: release(),
      'Node.js': process.versions.node,
      PostgreSQL: `${server?.version ?? 'unknown'} (${set?.settings ?? ''})`,
      RabbitMQ: (await servers.rabbitmqctl('version')).trim(),
    };
  } finally {
    await database.close();
  }
};

const find = async (name: MeasurementName, bench: Bench): Promise<Finding> => {
  try {
    return await measurements[name](bench);
  } catch (error) {
    return { tables: [], failures: [`${name}: ${messageOf(error)}`] };
  }
};

/** Runs the chosen measurements one after the other and saves each finding at once. @returns what went wrong */
export const measure = async (bench: Bench, file: ResultFile): Promise<string[]> => {
  const failures: string[] = [];
  for (const name of bench.options.only) {
    bench.say(`measuring ${name}`);
    const finding = await find(name, bench);
    file.add(name, finding);
    for (const table of finding.tables) bench.say(`\n${tableText(table)}\n`);
    for (const failure of finding.failures) bench.say(`FAILED ${failure}`);
    failures.push(...finding.failures);
  }
  return failures;
};
