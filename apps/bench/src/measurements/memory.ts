import { startPulser } from '../contestants/pulser.contestant.js';
import type { Contestant, Running } from '../load/contestant.js';
import { round, stretch, whileRunning } from '../load/stretch.js';
import { megabytes, wholeNumber } from '../report/figures.policy.js';
import type { Finding, Table } from '../report/report.js';
import { type Bench, type Measurement, rowsOfEach } from './measurement.js';
import { type Footprint, footprint, highestDuring } from './processes.js';

const soakTasks = 1_000_000;
const soakSamples = 20;

const cell = (footprints: Footprint | undefined, name: string): string => {
  const bytes = footprints?.get(name);
  return bytes === undefined ? 'unknown' : megabytes(bytes);
};

/** Idle, and the maximum during a round. */
const looked = ({ machine, options }: Bench, contestant: Contestant): Promise<string[][]> =>
  whileRunning(contestant.start(machine), async (running: Running) => {
    const look = (): Footprint => footprint(running, machine);
    const idle = look();
    const loaded = await highestDuring(look, round(running, options));
    return [...loaded.keys()].map((name) => [`${contestant.name}: ${name}`, cell(idle, name), cell(loaded, name)]);
  });

const idleAndLoaded = async (bench: Bench): Promise<Finding> => {
  const { rows, failures } = await rowsOfEach(bench.contestants, 'memory', (contestant) => looked(bench, contestant));
  const notes = [
    'RSS of each process; of PostgreSQL and RabbitMQ, which all contestants share, the sum of all their processes (PSS).',
  ];
  return { tables: [{ title: 'Memory', columns: ['process', 'idle MB', 'loaded MB'], rows, notes }], failures };
};

const soak = ({ machine, say }: Bench): Promise<Table> =>
  whileRunning(startPulser(machine), async (running) => {
    const tasks = soakTasks / soakSamples;
    const samples: Footprint[] = [];
    for (let n = 1; n <= soakSamples; n++) {
      await stretch({ running, loads: running.loads, requests: tasks });
      samples.push(footprint(running, machine));
      say(`${n * tasks} tasks`);
    }
    const names = [...(samples[0]?.keys() ?? [])];
    return {
      title: `Memory over ${wholeNumber(soakTasks)} tasks, in MB`,
      columns: ['tasks', ...names],
      rows: samples.map((sample, n) => [wholeNumber((n + 1) * tasks), ...names.map((name) => cell(sample, name))]),
      notes: [],
    };
  });

/** The memory of every process; with --soak also over a million tasks. */
export const memory: Measurement = async (bench) => {
  const { tables, failures } = await idleAndLoaded(bench);
  return { tables: [...tables, ...(bench.options.soak ? [await soak(bench)] : [])], failures };
};
