import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Histogram } from 'hdr-histogram-js';

import { latencyHistogram, microsecondsSince } from '../statistics/latency-histogram.js';

const everyMs = 50;

/** A page of PostgreSQL's log. */
const page = Buffer.alloc(8_192, 1);

/** Written over and over, so that it is the data that is made durable and not the size of a file. */
const pages = 1_024;

export interface DiskSyncs<T> {
  readonly result: T;
  /** What writing a page and making it durable took, in microseconds. */
  readonly syncs: Histogram;
}

/** Looks again and again at how long the disk takes, while work goes on that waits for the same disk. */
export const diskSyncsDuring = async <T>(folder: string, work: Promise<T>): Promise<DiskSyncs<T>> => {
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
    await wait(everyMs);
  }
};
