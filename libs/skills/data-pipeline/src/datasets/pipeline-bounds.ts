// What a job over datasets may take.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bounds } from '@pulser/data-sandbox';

const megabyte = 1_048_576;

/**
 * More than a query: what has no room in the memory goes to a private folder. The process stays below 600 MB.
 *
 * @param folder the staging folder of the attempt, which is removed with it
 */
export const pipelineBounds = async (folder: string): Promise<Bounds> => {
  const spill = join(folder, 'spill');
  await mkdir(spill, { mode: 0o700, recursive: true });
  return {
    memoryBytes: 570 * megabyte,
    bufferBytes: 192 * megabyte,
    spill: { folder: spill, maxBytes: 16_384 * megabyte },
    threads: 2,
    unpackedBytes: 4_096 * megabyte,
  };
};
