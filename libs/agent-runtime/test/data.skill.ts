import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { operation, skill } from '../src/skills/skill.js';

/** What passes for a Parquet file. */
const parquet = (text: string): Buffer => Buffer.from(`PAR1${text}meta PAR1`);

const inFolder = async <T>(work: (file: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'data-skill-'));
  return work(join(folder, 'made')).finally(() => rm(folder, { recursive: true }));
};

const columns = [{ name: 'id', type: 'BIGINT' }];

const made = operation({
  name: 'make',
  summary: 'Keeps a dataset, of what it opens before',
  input: z.strictObject({
    operation: z.literal('make'),
    dataset: z.string(),
    from: z.array(z.string()).default([]),
    text: z.string().default(''),
    bytes: z.int().default(0),
    times: z.int().default(1),
    failing: z.boolean().default(false),
    plain: z.boolean().default(false),
  }),
  example: { operation: 'make', dataset: 'sales' },
  handle: async ({ dataset, from, text, bytes, times, failing, plain }, { openData, keepDataset, attempt }) => {
    const opened = await Promise.all(from.map((reference) => openData(reference)));
    const read = await Promise.all(opened.map(({ path }) => readFile(path, 'utf8')));
    const content = plain ? Buffer.from('a,b\n') : parquet(`${text || read.join('+')}${'x'.repeat(bytes)}`);
    const kept = await inFolder(async (path) => {
      await writeFile(path, content);
      const draft = { path, rows: 1, rejected: 2, columns, preview: [[attempt]], report: { attempt } };
      return Promise.all(Array.from({ length: times }, () => keepDataset(dataset, draft)));
    });
    if (failing && attempt === 1) throw new Error('failed after it kept it');
    return { opened, read, kept };
  },
});

const looked = operation({
  name: 'look',
  summary: 'Opens data, and stays until a file is there',
  input: z.strictObject({ operation: z.literal('look'), at: z.string(), until: z.string().optional() }),
  example: { operation: 'look', at: 'dataset:sales' },
  handle: async ({ at, until }, { openData, progress, signal }) => {
    const file = await openData(at);
    const again = await openData(at);
    progress(50, file.path);
    while (until !== undefined && !(await stat(until).catch(() => false))) await delay(10, undefined, { signal });
    return { ...file, same: again.path === file.path, mode: (await stat(file.path)).mode & 0o777 };
  },
});

const described = operation({
  name: 'describe',
  summary: 'Describes a dataset',
  input: z.strictObject({ operation: z.literal('describe'), what: z.string() }),
  example: { operation: 'describe', what: 'dataset:sales' },
  handle: ({ what }, { describeDataset }) => describeDataset(what),
});

const filed = operation({
  name: 'file',
  summary: 'Keeps a file of so many bytes',
  input: z.strictObject({ operation: z.literal('file'), name: z.string(), bytes: z.int() }),
  example: { operation: 'file', name: 'rows.bin', bytes: 10 },
  handle: async ({ name, bytes }, { keepFile, taskId }) => {
    await inFolder(async (path) => {
      await writeFile(path, Buffer.alloc(bytes, 7));
      await keepFile(name, 'application/octet-stream', path);
    });
    return { taskId };
  },
});

/** Operations that open and keep data. */
export const dataSkill = skill('analytics', import.meta.url, [made, looked, described, filed]);
