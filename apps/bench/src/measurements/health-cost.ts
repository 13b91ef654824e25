// What heartbeats and canaries cost: CPU time a second of all processes at rest, with them and without, in rounds that alternate.
// They cost nothing per task, so a task pays the less the more of them there are.
import { setTimeout as wait } from 'node:timers/promises';

import { messageOf } from '@pulser/service-kit';

import { startPulser } from '../contestants/pulser.contestant.js';
import type { PulserOptions } from '../contestants/pulser-system.js';
import { whileRunning } from '../load/stretch.js';
import { figure, figuresOf, type Round, spread, spreadText } from '../report/figures.policy.js';
import type { Table } from '../report/report.js';
import type { Bench, Measurement } from './measurement.js';
import { cpuTime } from './processes.js';

/** In microseconds of CPU time a task. */
const maxUs = 4;
/** Until the first canaries are back and nothing of the start is left. Seconds. */
const settleS = 20;
/** Several canaries: there is one each 30 s. */
const measuredS = 60;

const watched = 'as it is';
const unwatched = 'without heartbeats and canaries';
const preloads = ['./apps/bench/dist/contestants/no-heartbeats.preload.js'];

const variants: Readonly<Record<string, Partial<PulserOptions>>> = {
  [watched]: { healths: 1 },
  [unwatched]: { healths: 1, preloads },
};

/** CPU time a second, in microseconds. */
const restOf = ({ machine, say }: Bench, name: string, changes: Partial<PulserOptions>): Promise<number> =>
  whileRunning(startPulser(machine, changes), async (running) => {
    await wait(settleS * 1_000);
    const before = cpuTime(running, machine);
    await wait(measuredS * 1_000);
    const each = [...cpuTime(running, machine)]
      .filter(([process]) => process !== 'load')
      .map(([process, us]) => [process, (us - (before.get(process) ?? 0)) / measuredS] as const);
    say(`${name}: ${each.map(([process, us]) => `${process} ${figure(us)}`).join(', ')} µs a second`);
    return each.reduce((sum, [, us]) => sum + us, 0);
  });

const differences = (rounds: readonly Round[]): number[] =>
  rounds.flatMap(({ [watched]: one, [unwatched]: other }) =>
    one === undefined || other === undefined ? [] : [one - other],
  );

const tableOf = (rounds: readonly Round[]): Table => {
  const cost = spread(differences(rounds));
  const perS = cost === undefined ? 'not measured' : figure(cost.median / maxUs);
  return {
    title: 'What heartbeats and canaries cost',
    columns: ['', 'µs of CPU time a second: median (least .. most)'],
    rows: [
      ...Object.keys(variants).map((name) => [name, spreadText(spread(figuresOf(rounds, name)))]),
      ['the difference, by round', spreadText(cost)],
      [`tasks a second from which on it is ${maxUs} µs a task`, perS],
    ],
    notes: [
      `At rest, over ${measuredS} s: a gateway, a router, a worker of one agent, a health service, PostgreSQL and RabbitMQ, from /proc. Without them, workers do not measure their event loop for heartbeats either.`,
    ],
  };
};

export const healthCost: Measurement = async (bench) => {
  const [rounds, failures]: [Round[], string[]] = [[], []];
  for (let n = 0; n < bench.options.rounds; n += 1) {
    const found: Record<string, number> = {};
    const all = Object.entries(variants);
    for (const [name, changes] of n % 2 === 0 ? all : all.toReversed()) {
      try {
        found[name] = await restOf(bench, name, changes);
      } catch (error) {
        failures.push(`round ${n + 1}, ${name}: ${messageOf(error)}`);
      }
    }
    rounds.push(found);
  }
  return { tables: [tableOf(rounds)], failures };
};
