import { messageOf } from '@pulser/service-kit';

import type { Contestant } from '../contestants/contestant.js';
import { pulser } from '../contestants/pulser.contestant.js';
import { figure, spreadText } from '../report/figure.policy.js';
import type { Finding, Table } from '../report/finding.js';
import { figuresOf, ratios, type Round, spread } from '../statistics/spread.policy.js';
import { round } from '../stretch/round.js';
import { whileRunning } from '../stretch/while-running.js';
import type { Bench, Measurement } from './measurement.js';

/** A fresh store, a warm-up, and as many tasks as take the wanted time. @returns tasks a second */
const measure = async (contestant: Contestant, { machine, options }: Bench): Promise<number> =>
  whileRunning(contestant.start(machine), async (running) => {
    const { tasks, finishedS } = await round(running, options.seconds);
    return tasks / finishedS;
  });

const table = (contestants: readonly Contestant[], rounds: readonly Round[]): Table => ({
  title: 'Throughput, from the request to the end of the task',
  columns: ['', 'tasks a second: median (least .. most)', 'Pulser to it, by round', 'rounds'],
  rows: contestants.map(({ name }) => {
    const figures = spread(figuresOf(rounds, name));
    const ratio = name === pulser.name ? '' : spreadText(spread(ratios(rounds, pulser.name, name)));
    return [name, spreadText(figures), ratio, `${figures?.count ?? 0}`];
  }),
  notes: contestants.map(({ name, settings }) => `${name}: ${settings.join('; ')}`),
});

/** Rounds in alternation, each with all contestants, of which another begins each time. */
export const throughput: Measurement = async (bench: Bench): Promise<Finding> => {
  const { contestants, options, say } = bench;
  const rounds: Round[] = [];
  const failures: string[] = [];
  for (let n = 0; n < options.rounds; n++) {
    const figures: Record<string, number> = {};
    const order = contestants.map((_, place) => contestants[(place + n) % contestants.length]);
    for (const contestant of order) {
      if (contestant === undefined) continue;
      try {
        const perSecond = (figures[contestant.name] = await measure(contestant, bench));
        say(`round ${n + 1}: ${contestant.name} ${figure(perSecond)} tasks/s`);
      } catch (error) {
        failures.push(`throughput, round ${n + 1}, ${contestant.name}: ${messageOf(error)}`);
      }
    }
    rounds.push(figures);
  }
  const bars = contestants.flatMap(({ name }) => {
    const found = spread(figuresOf(rounds, name));
    return found === undefined ? [] : [{ name, perSecond: found.median }];
  });
  return { tables: [table(contestants, rounds)], bars, failures };
};
