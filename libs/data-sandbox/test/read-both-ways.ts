// Reads a CSV file as a small one, at once, and as a large one, in passes.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ReadOptions } from '@pulser/tabular';

import { answer } from '../src/inside/answer.js';
import type { Answer } from '../src/inside/job/job.js';

export interface Reading {
  readonly answer: Answer;
  /** NDJSON of the refused rows. */
  readonly refused: string;
}

/** @param beginningBytes in passes: of how much of the beginning its dialect and types are guessed */
export const readOneWay = async (
  content: string | Uint8Array,
  inPasses: boolean,
  options: ReadOptions = {},
  beginningBytes = 1_000_000,
): Promise<Reading> => {
  const folder = await mkdtemp(join(tmpdir(), 'pulser-passes-'));
  try {
    await mkdir(join(folder, 'spill'));
    const path = join(folder, 'file');
    await writeFile(path, content);
    const result = await answer({
      sources: [{ name: 'file', path, format: 'csv', options, copyTo: join(folder, 'copy') }],
      statements: [{ sql: 'FROM file', keepRows: 10_000, into: { path: join(folder, 'out'), format: 'parquet' } }],
      refusedInto: join(folder, 'refused'),
      bounds: {
        memoryBytes: 1e9,
        bufferBytes: 3e8,
        spill: { folder: join(folder, 'spill'), maxBytes: 1e9 },
        passes: { fromBytes: inPasses ? 0 : Infinity, beginningBytes },
      },
    });
    return { answer: result, refused: await readFile(join(folder, 'refused'), 'utf8').catch(() => '') };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** What both ways have to agree on. */
export const agreedOn = ({ answer: result, refused }: Reading): Readonly<Record<string, unknown>> => {
  if (result.kind !== 'done') return { failed: result.kind === 'refused' ? result.failure.code : result };
  const [rows] = result.done.results;
  const [report] = result.done.sources;
  // Said of the whole file by one, of its beginning by the other.
  const partial = ['multiline_cells', 'lines_skipped'];
  const codes = new Set(report?.warnings.map(({ code }) => code).filter((code) => !partial.includes(code)));
  const decided = report?.columns.map(({ name, type }) => [name, type]);
  return {
    columns: rows?.columns,
    rows: rows?.rows,
    count: rows?.rowCount,
    decided,
    codes: [...codes].sort(),
    refused,
  };
};
