import { pulser, pulserOtherwise } from '../contestants/pulser.contestant.js';
import { round, whileRunning } from '../load/stretch.js';
import { figuresOf, spread } from '../report/figures.policy.js';
import { compare, comparisonTable, type Measurement, sampleOf } from './measurement.js';

const notes = [
  'Load: CPU time of a task in the process that sends them, which does the same in every round: where it takes longer, the machine was slower.',
  'Taken from rows: tasks that the router took from their rows, the slower way, instead of sending them straight on.',
];

/** All contestants, each with a fresh store in each round. */
export const throughput: Measurement = async (bench) => {
  const { contestants, absent, machine, options } = bench;
  const variants = contestants.map((contestant) => ({
    name: contestant.name,
    measure: () =>
      whileRunning(contestant.start(machine), async (running) => sampleOf(running, await round(running, options))),
  }));
  const found = await compare(variants, bench);
  const names = contestants.map(({ name }) => name);
  const otherwise = pulserOtherwise.map(({ name }) => name).filter((name) => names.includes(name));
  const table = comparisonTable(names, found, {
    title: 'Throughput, from the request to the end of the task',
    unit: 'tasks a second',
    bases: [pulser.name, ...otherwise],
    above: 'base',
    notes: [...notes, ...contestants.map(({ name, settings }) => `${name}: ${settings.join('; ')}`), ...absent],
  });
  const bars = names
    .filter((name) => !otherwise.includes(name))
    .flatMap((name) => {
      const middle = spread(figuresOf(found.rounds, name));
      return middle === undefined ? [] : [{ name, perSecond: middle.median }];
    });
  return { tables: [table], bars, failures: [...found.failures] };
};
