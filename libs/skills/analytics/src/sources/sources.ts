// The data of a task: its tables in the payload, staged as private files for the sandbox.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { csvDialect, type CsvDialect } from './csv-dialect.policy.js';
import { makeStagingFolder } from './staging.js';

/** One table of a task's payload. */
export const Source = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_]\w{0,62}$/, 'A table name: letters, digits and _, not starting with a digit')
    .meta({ description: 'The table under which the SQL finds this data' }),
  format: z.enum(['csv', 'json', 'ndjson']).meta({
    description:
      'csv: the first line names the columns, delimiter comma, semicolon, tab or |; json: an array of objects; ndjson: an object a line',
  }),
  content: z.string().min(1).meta({ description: 'The data itself, as text. Types of columns are detected' }),
});
export type Source = z.infer<typeof Source>;

/** A source in a file of its own. */
export type StagedSource = { readonly name: string; readonly path: string } & (
  { readonly format: 'csv'; readonly dialect: CsvDialect } | { readonly format: 'json' | 'ndjson' }
);

const stage = async (directory: string, source: Source, index: number): Promise<StagedSource> => {
  const path = join(directory, `${index}.${source.format}`);
  await writeFile(path, source.content, { mode: 0o600 });
  const { name, format } = source;
  return format === 'csv' ? { name, format, path, dialect: csvDialect(source.content) } : { name, format, path };
};

/**
 * Runs `use` with the sources as files in a directory that only this user can read, because DuckDB reads CSV and JSON from
 * files only. The sandbox deletes each file once it is loaded; the directory is removed when `use` settles.
 */
export const withStagedSources = async <T>(
  sources: readonly Source[],
  use: (staged: readonly StagedSource[]) => Promise<T>,
): Promise<T> => {
  const directory = await makeStagingFolder();
  try {
    return await use(await Promise.all(sources.map((source, index) => stage(directory, source, index))));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
