import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Source } from '../query/query-contract.js';
import type { StagedSource } from '../sandbox/job.js';
import { csvDialect } from './csv-dialect.policy.js';

const stage = async (directory: string, source: Source, index: number): Promise<StagedSource> => {
  const path = join(directory, `${index}.${source.format}`);
  await writeFile(path, source.content, { mode: 0o600 });
  const { name, format } = source;
  return format === 'csv' ? { name, format, path, dialect: csvDialect(source.content) } : { name, format, path };
};

/**
 * Lends the sources as files of a directory that only this user can read, because DuckDB reads CSV and JSON from files
 * alone. The sandbox deletes each file once it is loaded; the directory goes in any case when `use` has ended.
 */
export const withStagedSources = async <T>(
  sources: readonly Source[],
  use: (staged: readonly StagedSource[]) => Promise<T>,
): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'pulser-query-'));
  try {
    return await use(await Promise.all(sources.map((source, index) => stage(directory, source, index))));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
