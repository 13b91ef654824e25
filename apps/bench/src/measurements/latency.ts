// Latency at a fixed rate, beside the latency of the disk meanwhile.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Histogram } from 'hdr-histogram-js';

import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { type Latencies, latencyHistogram, microsecondsSince, openLoop } from '../load/open-loop.js';
import { finishedPerS, round, untilFinished, whileRunning } from '../load/stretch.js';
import { figure, latencyColumns, latencyRow } from '../report/figures.policy.js';
import type { Bench, Measurement } from './measurement.js';
import { cpuTime } from './processes.js';

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

const usualTasks = 20_000;

/** Duration of the load at half of the maximal rate, in seconds. */
const halfS = 30;

const rows = (name: string, { accepted, finished }: Latencies): string[][] => [
  latencyRow(`${name}: until finished`, finished),
  latencyRow(`${name}: until accepted`, accepted),
];

const notes = [
  'Open loop: tasks arrive by a seeded Poisson process, and the time of each counts from its arrival, so waiting behind a stall counts too.',
  `Finished: until the answer to \`GET /api/v1/tasks/<id>?wait=10s\` says so, which is asked for once the task is accepted. At most some ${calm} tasks a second are asked for, every n-th: asking takes the gateway about as long as submitting, so that asking for each is a load far above the rate (the last row). All are counted at the end.`,
  'The disk: the time to write 8 KiB to a file and make it durable (`fdatasync`), 20 times a second, while the tasks arrive. A task waits for four of those, one after the other: for its row, in two queues, and for its result.',
];

/** An open loop on a running Pulser, and what else is to be known of it. */
interface Loop extends Latencies {
  /** CPU time of each process meanwhile. */
  readonly shares: string;
  readonly dequeued: string;
}

const loop = async (
  running: PulserRunning,
  perSecond: number,
  tasks: number,
  { machine, options: { seed } }: Bench,
  asked = calm,
): Promise<Loop> => {
  const [since, ended, used, start] = [
    new Date(),
    await running.finished(),
    cpuTime(running, machine),
    performance.now(),
  ];
  const latencies = await openLoop(running, {
    perSecond,
    tasks,
    seed,
    oneOf: Math.max(1, Math.round(perSecond / asked)),
  });
  const us = (performance.now() - start) * 1_000;
  const shares = [...cpuTime(running, machine)].map(
    ([name, after]) => `${name} ${figure((100 * (after - (used.get(name) ?? 0))) / us)} %`,
  );
  await untilFinished(running, ended + tasks);
  return { ...latencies, shares: shares.join(', '), dequeued: `${figure(await running.dequeuedPercent(since))} %` };
};

/** From the request to the end of the task, below the maximal rate. */
export const latency: Measurement = async (bench) =>
  whileRunning(startPulser(bench.machine), async (running: PulserRunning) => {
    const { machine, options } = bench;
    const most = finishedPerS(await round(running, options));
    const { result: slow, syncs } = await diskSyncsDuring(
      machine.folder,
      loop(running, calm, options.tasks ?? usualTasks, bench),
    );
    const half = most / 2;
    const fast = await loop(running, half, Math.round(half * halfS), bench);
    const each = await loop(running, half, Math.round(half * halfS), bench, half);
    await running.verify();
    const names = [`at ${calm} a second`, `at ${figure(half)} a second, half of ${figure(most)}`] as const;
    const eachAsked = latencyRow('the same, each asked for its end: until finished', each.finished);
    const disk = latencyRow(`${names[0]}: the disk meanwhile`, syncs);
    const more = [
      `Tasks that the router took from their rows instead of sending them straight on: ${slow.dequeued} and ${fast.dequeued}.`,
      `CPU time meanwhile, in percent of a core, ${names[0]}: ${slow.shares}; ${names[1]}: ${fast.shares}; each asked for its end: ${each.shares}.`,
    ];
    const table = {
      title: 'Latency',
      columns: latencyColumns,
      rows: [...rows(names[0], slow), disk, ...rows(names[1], fast), eachAsked],
      notes: [...notes, ...more],
    };
    return { tables: [table], failures: [] };
  });
