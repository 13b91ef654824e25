import type { Contestant, Running } from '../load/contestant.js';
import { finishedPerS, round, stretch, whileRunning } from '../load/stretch.js';
import { figure } from '../report/figures.policy.js';
import { type Bench, type Measurement, rowsOfEach } from './measurement.js';
import { cpuTime } from './processes.js';

const notes = [
  'User and system time of all its processes (/proc), by the tasks of a second stretch at full load. `load` is what sends the tasks. Servers that a contestant does not use show what they take idle.',
];

/** CPU time of a task, by process. */
const costs = ({ machine, options }: Bench, contestant: Contestant): Promise<string[][]> =>
  whileRunning(contestant.start(machine), async (running: Running) => {
    const { tasks: requests } = await round(running, options);
    const before = cpuTime(running, machine);
    const measured = await stretch({ running, loads: [[running.submit]], requests });
    const each = [...cpuTime(running, machine)].map(([name, us]) => ({
      name,
      us: (us - (before.get(name) ?? 0)) / measured.tasks,
    }));
    const sum = (of: typeof each): number => of.reduce((total, { us }) => total + us, 0);
    return [
      ...each.map(({ name, us }) => [`${contestant.name}: ${name}`, figure(us)]),
      [`${contestant.name}: all but the load`, figure(sum(each.filter(({ name }) => name !== 'load')))],
      [`${contestant.name}: all, at ${figure(finishedPerS(measured))} tasks a second`, figure(sum(each))],
    ];
  });

/** Where the time goes: on one machine the contestants' processes share its CPU time. */
export const cpu: Measurement = async (bench) => {
  const { rows, failures } = await rowsOfEach(bench.contestants, 'CPU time', (contestant) => costs(bench, contestant));
  return { tables: [{ title: 'CPU time of a task', columns: ['process', 'µs a task'], rows, notes }], failures };
};
