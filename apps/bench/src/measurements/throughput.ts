import { pulser } from '../contestants/pulser.contestant.js';
import { finishedPerS, round, whileRunning } from '../load/stretch.js';
import { figuresOf, spread } from '../report/figures.policy.js';
import { compare, comparisonTable, type Measurement } from './measurement.js';

/** All contestants, each with a fresh store in each round. */
export const throughput: Measurement = async (bench) => {
  const { contestants, absent, machine, options } = bench;
  const variants = contestants.map((contestant) => ({
    name: contestant.name,
    measure: () =>
      whileRunning(contestant.start(machine), async (running) => finishedPerS(await round(running, options.seconds))),
  }));
  const { rounds, failures } = await compare(variants, bench);
  const names = contestants.map(({ name }) => name);
  const table = comparisonTable(names, rounds, {
    title: 'Throughput, from the request to the end of the task',
    unit: 'tasks a second',
    base: pulser.name,
    above: 'base',
    notes: [...contestants.map(({ name, settings }) => `${name}: ${settings.join('; ')}`), ...absent],
  });
  const bars = names.flatMap((name) => {
    const found = spread(figuresOf(rounds, name));
    return found === undefined ? [] : [{ name, perSecond: found.median }];
  });
  return { tables: [table], bars, failures: [...failures] };
};
