// What rollups cost a task, and what twenty open pages cost it: CPU time of all processes of Pulser and
// its servers, in rounds that alternate with Pulser as it is.
import { administer, type MigratedDatabase } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';

import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { StreamClient } from '../load/stream-client.js';
import { finishedPerS, round, stretch, whileRunning } from '../load/stretch.js';
import { figure, figuresOf, type Round, spread, spreadText } from '../report/figures.policy.js';
import type { Finding } from '../report/report.js';
import type { Bench, Measurement } from './measurement.js';
import { cpuTime } from './processes.js';

/** In microseconds of CPU time a task. */
const maxRollupUs = 13;
const streamClients = 20;
/** In percent of the CPU time of a task without them. */
const maxStreamPercent = 5;

/** Nothing is counted then, and the router has nothing to fold. */
const withoutRollups = ({ url }: MigratedDatabase): Promise<void> =>
  administer(url, [
    'alter table task_queue disable trigger count_insert, disable trigger count_update, disable trigger count_delete',
  ]);

const openStreams = async ({ system, submit }: PulserRunning): Promise<StreamClient[]> => {
  const [tenant] = system.store.tenants;
  if (tenant === undefined) throw new Error('there is no tenant');
  const { origin } = new URL(submit.url);
  return Promise.all(Array.from({ length: streamClients }, () => StreamClient.open(origin, tenant.key, false)));
};

const base = 'pulser';
const uncounted = 'without rollups';
const watched = `with ${streamClients} stream clients`;

/** CPU time of a task, of all but the load, in microseconds. */
const costOf = async (running: PulserRunning, { machine, options, say }: Bench, name: string): Promise<number> => {
  const { tasks: requests } = await round(running, options);
  const before = cpuTime(running, machine);
  const measured = await stretch({ running, loads: [[running.submit]], requests });
  const each = [...cpuTime(running, machine)].map(
    ([process, us]) => [process, (us - (before.get(process) ?? 0)) / measured.tasks] as const,
  );
  say(
    `${name}: ${each.map(([process, us]) => `${process} ${figure(us)}`).join(', ')} µs a task, at ${figure(finishedPerS(measured))} a second`,
  );
  return each.filter(([process]) => process !== 'load').reduce((sum, [, us]) => sum + us, 0);
};

const measured = (bench: Bench): Readonly<Record<string, () => Promise<number>>> => ({
  [base]: () => whileRunning(startPulser(bench.machine), (running) => costOf(running, bench, base)),
  [uncounted]: () =>
    whileRunning(startPulser(bench.machine, { prepare: withoutRollups }), (running) =>
      costOf(running, bench, uncounted),
    ),
  [watched]: () =>
    whileRunning(startPulser(bench.machine), async (running) => {
      const clients = await openStreams(running);
      const cost = await costOf(running, bench, watched);
      if (clients.some(({ received }) => received === 0)) throw new Error('a stream client was sent nothing');
      for (const client of clients) client.close();
      return cost;
    }),
});

/** Differences round by round: a disturbance of a round affects both figures. */
const differences = (
  rounds: readonly Round[],
  of: (one: number, reference: number) => number,
  name: string,
): number[] =>
  rounds.flatMap(({ [base]: reference, [name]: one }) =>
    reference === undefined || one === undefined ? [] : [of(one, reference)],
  );

const notes = [
  'CPU time (user and system, from /proc) of gateway, router, worker, PostgreSQL and RabbitMQ by the tasks of a second stretch at full load; the load itself is left out. Each round has a fresh store and starts with another variant.',
  'Rollups: Pulser as it is, less Pulser whose triggers that count are disabled, by round; so writing deltas and folding them.',
  `Stream clients: ${streamClients} connections to GET /api/v1/events of the tenant that has all the tasks, by round.`,
];

const tableOf = (rounds: readonly Round[], names: readonly string[]): Finding['tables'][number] => {
  const rollups = spread(differences(rounds, (one, reference) => reference - one, uncounted));
  const streams = spread(differences(rounds, (one, reference) => (100 * (one - reference)) / reference, watched));
  const verdict = (median: number | undefined, most: number): string =>
    median === undefined ? 'not measured' : median <= most ? 'met' : 'missed';
  return {
    title: 'What the page costs a task',
    columns: ['', 'median (least .. most)', 'at most', 'target'],
    rows: [
      ...names.map((name) => [`${name}, µs a task`, spreadText(spread(figuresOf(rounds, name))), '', '']),
      ['rollups, µs a task', spreadText(rollups), figure(maxRollupUs), verdict(rollups?.median, maxRollupUs)],
      [
        `${streamClients} stream clients, %`,
        spreadText(streams),
        figure(maxStreamPercent),
        verdict(streams?.median, maxStreamPercent),
      ],
    ],
    notes,
  };
};

/** Rounds of all three in alternation. */
export const dashboardCost: Measurement = async (bench) => {
  const variants = Object.entries(measured(bench));
  const [rounds, failures]: [Round[], string[]] = [[], []];
  for (let n = 0; n < bench.options.rounds; n += 1) {
    const found: Record<string, number> = {};
    const first = n % variants.length;
    for (const [name, measure] of [...variants.slice(first), ...variants.slice(0, first)]) {
      try {
        found[name] = await measure();
      } catch (error) {
        failures.push(`round ${n + 1}, ${name}: ${messageOf(error)}`);
      }
    }
    rounds.push(found);
  }
  return {
    tables: [
      tableOf(
        rounds,
        variants.map(([name]) => name),
      ),
    ],
    failures,
  };
};
