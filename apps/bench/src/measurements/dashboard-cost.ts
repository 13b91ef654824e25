// What rollups cost a task, and what twenty open pages cost it: CPU time of all processes of Pulser and its servers, in
// stretches of one running system that alternate with Pulser as it is.
import { setTimeout as wait } from 'node:timers/promises';

import { administer } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';

import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { StreamClient } from '../load/stream-client.js';
import { finishedPerS, measured as measuredStretch, type Stretch, stretch, whileRunning } from '../load/stretch.js';
import { figure, figuresOf, type Round, spread, spreadText } from '../report/figures.policy.js';
import type { Finding } from '../report/report.js';
import type { Bench, Measurement } from './measurement.js';
import { cpuTime } from './processes.js';

/** In microseconds of CPU time a task. */
const maxRollupUs = 13;
const streamClients = 20;
/** In percent of the CPU time of a task without them. */
const maxStreamPercent = 5;

const base = 'pulser';
const uncounted = 'without rollups';
const watched = `with ${streamClients} stream clients`;

/** What makes a running system the variant. The function that it resolves with undoes it. */
interface Variant {
  readonly name: string;
  readonly enter: (running: PulserRunning) => Promise<() => Promise<unknown>>;
  /** So often the variant is measured twice, between two stretches of the base. */
  readonly blocks: number;
}

const triggers = (running: PulserRunning, change: 'enable' | 'disable'): Promise<void> =>
  administer(running.system.store.url, [
    `alter table task_queue ${['count_insert', 'count_update', 'count_delete'].map((name) => `${change} trigger ${name}`).join(', ')}`,
  ]);

const openStreams = async ({ system, submit }: PulserRunning): Promise<StreamClient[]> => {
  const [tenant] = system.store.tenants;
  if (tenant === undefined) throw new Error('there is no tenant');
  const { origin } = new URL(submit.url);
  return Promise.all(Array.from({ length: streamClients }, () => StreamClient.open(origin, tenant.key, false)));
};

/** A gateway keeps the events of a tenant for a minute after its last stream. Milliseconds. */
const feedForgottenMs = 65_000;

const variants: readonly Variant[] = [
  {
    name: uncounted,
    blocks: 3,
    // Nothing is counted then, and the router has nothing to fold.
    enter: async (running) => {
      await triggers(running, 'disable');
      return () => triggers(running, 'enable');
    },
  },
  {
    name: watched,
    blocks: 1,
    enter: async (running) => {
      const clients = await openStreams(running);
      return async () => {
        if (clients.some(({ received }) => received === 0)) throw new Error('a stream client was sent nothing');
        for (const client of clients) client.close();
        await wait(feedForgottenMs);
      };
    },
  },
];

/** What the last stretch left to be done is done after so long, in milliseconds. */
const settleMs = 2_500;

/** CPU time of a task, of all but the load, in microseconds. */
const costOf = async (
  running: PulserRunning,
  { machine, say }: Bench,
  { name, requests }: { readonly name: string; readonly requests: number },
): Promise<number> => {
  await wait(settleMs);
  const before = cpuTime(running, machine);
  const { tasks, ...times } = await stretch({ running, loads: [[running.submit]], requests });
  await wait(settleMs);
  const each = [...cpuTime(running, machine)].map(
    ([process, us]) => [process, (us - (before.get(process) ?? 0)) / tasks] as const,
  );
  say(
    `${name}: ${each.map(([process, us]) => `${process} ${figure(us)}`).join(', ')} µs a task, at ${figure(finishedPerS({ tasks, ...times }))} a second`,
  );
  return each.filter(([process]) => process !== 'load').reduce((sum, [, us]) => sum + us, 0);
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One system, warm: base, variant, variant, base, and so on. What the machine does meanwhile affects both alike. */
const compared = (variant: Variant, bench: Bench): Promise<Round> =>
  whileRunning(startPulser(bench.machine), async (running) => {
    const once = (tasks: number): Promise<Stretch> =>
      stretch({ running, loads: [[running.submit]], requests: Math.max(100, Math.round(tasks)) });
    const requests = (await measuredStretch(once, bench.options)).tasks;
    const found: Record<string, number[]> = { [base]: [], [variant.name]: [] };
    const measure = async (name: string): Promise<void> => {
      found[name]?.push(await costOf(running, bench, { name, requests }));
    };
    for (let block = 0; block < variant.blocks; block += 1) {
      await measure(base);
      const leave = await variant.enter(running);
      await measure(variant.name);
      await measure(variant.name);
      await leave();
      await measure(base);
    }
    return Object.fromEntries(Object.entries(found).map(([name, costs]) => [name, mean(costs)]));
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
  'CPU time (user and system, from /proc) of gateway, router, worker, PostgreSQL and RabbitMQ by the tasks of a stretch at full load, with the 2.5 s before and after it; the load itself is left out. Each round has a fresh store and system, warmed up, and measures base, variant, variant, base in it: rollups three times, stream clients once.',
  'Rollups: Pulser as it is, less Pulser whose triggers that count are disabled, by round; so writing deltas and folding them.',
  `Stream clients: ${streamClients} connections to GET /api/v1/events of the tenant that has all the tasks, by round.`,
];

/** Rounds of a variant, by its name. */
type Rounds = ReadonlyMap<string, readonly Round[]>;

const tableOf = (found: Rounds): Finding['tables'][number] => {
  const of = (name: string): readonly Round[] => found.get(name) ?? [];
  const rollups = spread(differences(of(uncounted), (one, reference) => reference - one, uncounted));
  const streams = spread(differences(of(watched), (one, reference) => (100 * (one - reference)) / reference, watched));
  const verdict = (median: number | undefined, most: number): string =>
    median === undefined ? 'not measured' : median <= most ? 'met' : 'missed';
  const costs = (name: string, column: string): string[] => [
    `${column}, µs a task`,
    spreadText(spread(figuresOf(of(name), column))),
    '',
    '',
  ];
  return {
    title: 'What the page costs a task',
    columns: ['', 'median (least .. most)', 'at most', 'target'],
    rows: [
      ...variants.flatMap(({ name }) => [costs(name, base), costs(name, name)]),
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

export const dashboardCost: Measurement = async (bench) => {
  const found = new Map(variants.map(({ name }) => [name, [] as Round[]]));
  const failures: string[] = [];
  for (let n = 0; n < bench.options.rounds; n += 1) {
    for (const variant of variants) {
      try {
        found.get(variant.name)?.push(await compared(variant, bench));
      } catch (error) {
        failures.push(`round ${n + 1}, ${variant.name}: ${messageOf(error)}`);
      }
    }
  }
  return { tables: [tableOf(found)], failures };
};
