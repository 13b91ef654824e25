// Latency at a fixed rate, beside the latency of the disk meanwhile.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Histogram } from 'hdr-histogram-js';

import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { type Latencies, latencyHistogram, microsecondsSince, openLoop } from '../load/open-loop.js';
import { finishedPerS, round, whileRunning } from '../load/stretch.js';
import { figure, latencyColumns, latencyRow } from '../report/figures.policy.js';
import type { Measurement } from './measurement.js';

const probePauseMs = 50;

/** A page of PostgreSQL's write-ahead log. */
const page = Buffer.alloc(8_192, 1);

/** Rewritten, so that data is synced and not a changed file size. */
const pages = 1_024;

interface DiskSyncs<T> {
  readonly result: T;
  /** Time to write a page and make it durable, in microseconds. */
  readonly syncs: Histogram;
}

/** Probes the disk while `work`, which waits for the same disk, goes on. */
const diskSyncsDuring = async <T>(folder: string, work: Promise<T>): Promise<DiskSyncs<T>> => {
  const syncs = latencyHistogram();
  const over = new AbortController();
  const path = join(folder, 'disk-probe');
  const file = await open(path, 'w');
  const probing = probe(file, syncs, over.signal);
  try {
    return { result: await work, syncs };
  } finally {
    over.abort();
    await probing.finally(() => file.close());
    await rm(path);
  }
};

const probe = async (file: FileHandle, syncs: Histogram, over: AbortSignal): Promise<void> => {
  await file.write(Buffer.alloc(page.length * pages, 1));
  await file.datasync();
  for (let n = 0; !over.aborted; n++) {
    const start = performance.now();
    await file.write(page, 0, page.length, (n % pages) * page.length);
    await file.datasync();
    syncs.recordValue(microsecondsSince(start));
    await wait(probePauseMs);
  }
};

/** Tasks per second. */
const calm = 100;

/** Duration of the load at half of the maximal rate, in seconds. */
const halfS = 30;

const rows = (name: string, { accepted, finished }: Latencies): string[][] => [
  latencyRow(`${name}: until finished`, finished),
  latencyRow(`${name}: until accepted`, accepted),
];

const notes = [
  'Open loop: tasks arrive by a seeded Poisson process, and the time of each counts from its arrival, so waiting behind a stall counts too.',
  'Finished: until the answer to `GET /api/v1/tasks/<id>?wait=10s` says so, which is asked for once the task is accepted.',
  'The disk: the time to write 8 KiB to a file and make it durable (`fdatasync`), 20 times a second, while the tasks arrive. A task waits for four of those, one after the other: for its row, in two queues, and for its result.',
];

/** From the request to the end of the task, below the maximal rate. */
export const latency: Measurement = async ({ machine, options }) =>
  whileRunning(startPulser(machine), async (running: PulserRunning) => {
    const most = finishedPerS(await round(running, options));
    const { seed, tasks } = options;
    const calmly = openLoop(running, { perSecond: calm, tasks, seed });
    const calmSince = new Date();
    const { result: slow, syncs } = await diskSyncsDuring(machine.folder, calmly);
    const calmDequeued = await running.dequeuedPercent(calmSince);
    const half = most / 2;
    const halfSince = new Date();
    const fast = await openLoop(running, { perSecond: half, tasks: Math.round(half * halfS), seed });
    const named = `at ${figure(half)} a second, half of ${figure(most)}`;
    const disk = latencyRow(`at ${calm} a second: the disk meanwhile`, syncs);
    const all = [...rows(`at ${calm} a second`, slow), disk, ...rows(named, fast)];
    const dequeued = [calmDequeued, await running.dequeuedPercent(halfSince)].map((percent) => `${figure(percent)} %`);
    const slowWay = `Tasks that the router took from their rows instead of sending them straight on: ${dequeued.join(' and ')}.`;
    const table = { title: 'Latency', columns: latencyColumns, rows: all, notes: [...notes, slowWay] };
    return { tables: [table], failures: [] };
  });
