// The data of a task: its tables in the payload, staged as private files for the sandbox.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { csvOnly, Format, readOptions, type ReadOptions } from '@pulser/tabular';
import { z } from 'zod';

// No pattern in the schema: where payloads are checked first, patterns are run slowly to be safe.
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** A source as far as its fields are checked one by one. */
const SourceFields = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_]\w{0,62}$/, 'A table name: letters, digits and _, not starting with a digit')
    .meta({ description: 'The table under which the SQL finds this data' }),
  format: Format.meta({
    description: 'csv: a table of cells; json: an array of objects; ndjson: an object on each line',
  }),
  content: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The data itself, as text. Dialect and types are found from all of it' }),
  content_base64: z.string().min(1).refine(isBase64, 'Base64, as RFC 4648 has it, with its padding').optional().meta({
    contentEncoding: 'base64',
    description: 'Instead of content: the bytes of the file, of which the encoding is found',
  }),
  ...readOptions,
});

type SourceFields = z.infer<typeof SourceFields>;

/** Fields that do not go together. */
const conflictsIn = (source: SourceFields): [keyof SourceFields, string][] => {
  const conflicts: [keyof SourceFields, string][] = [];
  const { content, content_base64: bytes, encoding, format } = source;
  if ((content === undefined) === (bytes === undefined)) {
    conflicts.push(['content', 'Give either content or content_base64']);
  }
  if (content !== undefined && encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    conflicts.push(['encoding', 'content is text already: give the bytes as content_base64']);
  }
  for (const option of csvOnly) {
    if (format !== 'csv' && source[option] !== undefined) {
      conflicts.push([option, `${option} is an option of csv, and this source is ${format}`]);
    }
  }
  return conflicts;
};

/** One table of a task's payload. */
export const Source = SourceFields.superRefine((source, context) => {
  for (const [field, message] of conflictsIn(source)) {
    context.addIssue({ code: 'custom', path: [field], message });
  }
});
export type Source = z.infer<typeof Source>;

/** A source in a file of its own. */
export interface StagedSource {
  readonly name: string;
  readonly path: string;
  readonly format: Format;
  readonly options?: ReadOptions;
  /** The file holds text that came as such: UTF-8, whatever it looks like. */
  readonly isText?: boolean;
}

const stage = async (directory: string, source: Source, index: number): Promise<StagedSource> => {
  const { name, format, content, content_base64: bytes, ...options } = source;
  const path = join(directory, `${index}.${format}`);
  await writeFile(path, content ?? Buffer.from(bytes ?? '', 'base64'), { mode: 0o600 });
  return { name, format, path, options, isText: content !== undefined };
};

/**
 * Runs `use` with the sources as files in a directory that only this user can read, so that hostile data is read in the
 * sandbox alone. The sandbox deletes each file once it is loaded; the directory is removed when `use` settles.
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
