import type { PulserRunning } from '../contestants/pulser-running.js';
import { startPulser } from '../contestants/pulser.contestant.js';
import { type Latencies, openLoop } from '../load/open-loop.js';
import { diskSyncsDuring } from '../machine/disk-syncs.js';
import { figure } from '../report/figure.policy.js';
import { latencyColumns, latencyRow } from '../report/latency-table.js';
import { finishedPerS, round } from '../stretch/round.js';
import { whileRunning } from '../stretch/while-running.js';
import type { Measurement } from './measurement.js';

/** A second. */
const calm = 100;

/** How long the load of half of what is possible goes on, in seconds. */
const halfS = 30;

const rows = (name: string, { accepted, finished }: Latencies): string[][] => [
  latencyRow(`${name}: until finished`, finished),
  latencyRow(`${name}: until accepted`, accepted),
];

const notes = [
  'Open loop: tasks come when their time has come (Poisson, seeded), and the time of each counts from then, so what waits behind a stall counts too.',
  'Finished: until the answer to `GET /api/v1/tasks/<id>?wait=10s` says so, which is asked for once the task is accepted.',
  'The disk: what it takes to write 8 KiB to a file and make it durable (`fdatasync`), 20 times a second, while the tasks come. A task waits for four of those, one after the other: for its row, in two queues, and for its result.',
];

/** From the request to the end of the task, while there is room. */
export const latency: Measurement = async ({ machine, options }) =>
  whileRunning(startPulser(machine), async (running: PulserRunning) => {
    const most = finishedPerS(await round(running, options.seconds));
    const { seed, tasks } = options;
    const calmly = openLoop(running, { perSecond: calm, tasks, seed });
    const { result: slow, syncs } = await diskSyncsDuring(machine.folder, calmly);
    const half = most / 2;
    const fast = await openLoop(running, { perSecond: half, tasks: Math.round(half * halfS), seed });
    const named = `at ${figure(half)} a second, half of ${figure(most)}`;
    const disk = latencyRow(`at ${calm} a second: the disk meanwhile`, syncs);
    const all = [...rows(`at ${calm} a second`, slow), disk, ...rows(named, fast)];
    return { tables: [{ title: 'Latency', columns: latencyColumns, rows: all, notes }], failures: [] };
  });
