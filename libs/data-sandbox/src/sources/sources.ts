// The data of a task: its tables in the payload, staged as private files for the sandbox.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { csvOnly, Format, readOptions, type ReadOptions } from '@pulser/tabular';
import { z } from 'zod';

import { makeStagingFolder } from './staging.js';

// No pattern in the schema: where payloads are checked first, patterns are run slowly to be safe.
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** The name of a table. */
export const TableName = z
  .string()
  .regex(/^[A-Za-z_]\w{0,62}$/, 'A table name: letters, digits and _, not starting with a digit');

/** What names a dataset: `dataset:sales`, or `dataset:sales@3` for a version of it. */
export const DatasetReference = z
  .string()
  .max(150)
  .regex(
    /^dataset:[a-z0-9][a-z0-9_.-]{0,99}(?:@[1-9]\d{0,8})?$/,
    'Such as dataset:sales, or dataset:sales@3 for a version',
  )
  .meta({ description: 'A dataset: dataset:<name>, or dataset:<name>@<version>; the latest version without one' });

/** A source as far as its fields are checked one by one. */
const SourceFields = z.strictObject({
  name: TableName.meta({ description: 'The table under which the SQL finds this data' }),
  dataset: DatasetReference.optional(),
  format: Format.optional().meta({
    description:
      'Of content: csv: a table of cells; json: an array of objects; ndjson: an object on each line. A dataset has none',
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
  if (source.dataset !== undefined) return fieldsBeside(source);
  if (format === undefined) conflicts.push(['format', 'Say which format the content has: csv, json or ndjson']);
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

/** A dataset has its columns with their types: nothing about reading can be said. */
const fieldsBeside = (source: SourceFields): [keyof SourceFields, string][] =>
  (Object.keys(source) as (keyof SourceFields)[])
    .filter((field) => field !== 'name' && field !== 'dataset' && source[field] !== undefined)
    .map((field) => [field, `${field} is of content in the payload, and this source is a dataset`]);

/** One table of a task's payload. */
export const Source = SourceFields.superRefine((source, context) => {
  for (const [field, message] of conflictsIn(source)) {
    context.addIssue({ code: 'custom', path: [field], message });
  }
});
export type Source = z.infer<typeof Source>;

/** The formats of files: those of tables in a payload, and others. */
export type FileFormat = Format | 'parquet' | 'xlsx';

/** A source in a file of its own. */
export interface StagedSource {
  readonly name: string;
  /** A file that the sandbox deletes once it is read, unless it is borrowed. It may be compressed by gzip or zip. */
  readonly path: string;
  /** Found from the file without. */
  readonly format?: FileFormat | undefined;
  readonly options?: ReadOptions;
  /** The file holds text that came as such: UTF-8, whatever it looks like. */
  readonly isText?: boolean;
  /** The name that the file came under, which may tell its format. */
  readonly fileName?: string | undefined;
  /** The entry of a zip; without, the only one. */
  readonly entry?: string | undefined;
  /** The sheet of a workbook; without, the first one. */
  readonly sheet?: string | undefined;
  /** The file belongs to another: it is neither changed nor deleted. */
  readonly borrowed?: boolean;
  /** Of a borrowed file: the beginning of paths for what is made of it, such as a copy for SQL of a user. */
  readonly copyTo?: string;
}

/** Opens a dataset, as the context of a task does. */
export type OpenData = (reference: string) => Promise<{ readonly path: string }>;

const opened = async (
  directory: string,
  name: string,
  reference: string,
  openData: OpenData,
): Promise<StagedSource> => {
  const { path } = await openData(reference);
  return { name, path, format: 'parquet', borrowed: true, copyTo: join(directory, `${name}.copy`) };
};

const stage = async (
  directory: string,
  source: Source,
  index: number,
  openData: OpenData | undefined,
): Promise<StagedSource> => {
  const { name, dataset, format, content, content_base64: bytes, ...options } = source;
  if (dataset !== undefined) {
    if (openData === undefined) throw new TypeError('Nothing here opens datasets');
    return opened(directory, name, dataset, openData);
  }
  const path = join(directory, `${index}.${format ?? 'csv'}`);
  await writeFile(path, content ?? Buffer.from(bytes ?? '', 'base64'), { mode: 0o600 });
  return { name, format, path, options, isText: content !== undefined };
};

/** Runs `use` with a folder that only this user can read and that is removed, with all in it, when `use` settles. */
export const withStagingFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await makeStagingFolder();
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The sources as files in a private folder, or where `openData` has them. */
export const stageSources = (
  folder: string,
  sources: readonly Source[],
  openData?: OpenData,
): Promise<readonly StagedSource[]> =>
  Promise.all(sources.map((source, index) => stage(folder, source, index, openData)));

/**
 * Runs `use` with the sources as files in a directory that only this user can read, so that hostile data is read in the
 * sandbox alone. The sandbox deletes each file once it is loaded; the directory is removed when `use` settles. Datasets
 * are read where `openData` has them.
 */
export const withStagedSources = <T>(
  sources: readonly Source[],
  use: (staged: readonly StagedSource[]) => Promise<T>,
  openData?: OpenData,
): Promise<T> => withStagingFolder(async (folder) => use(await stageSources(folder, sources, openData)));
