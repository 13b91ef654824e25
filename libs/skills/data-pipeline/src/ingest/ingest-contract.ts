// Input, example and result of the operation `ingest`.
import { requestHeaders } from '@pulser/contracts';
import { DatasetReference } from '@pulser/data-sandbox';
import { csvOnly, readOptions, ReadReport } from '@pulser/tabular';
import { z } from 'zod';

import { DatasetName } from '../datasets/dataset-name.js';

// No pattern in the schema: where payloads are checked first, patterns are run slowly to be safe.
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

const places = ['content', 'content_base64', 'upload', 'artifact', 'dataset', 'url'] as const;

const SourceFields = z.strictObject({
  content: z.string().min(1).optional().meta({ description: 'The data itself, as text' }),
  content_base64: z
    .string()
    .min(1)
    .refine(isBase64, 'Base64, as RFC 4648 has it, with its padding')
    .optional()
    .meta({ contentEncoding: 'base64', description: 'The bytes of the file' }),
  upload: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'The SHA-256 of an upload, in hexadecimal')
    .optional()
    .meta({ description: 'What PUT /api/v1/datasets/<name> has received, by its SHA-256' }),
  artifact: z
    .string()
    .max(300)
    .regex(/^artifact:[0-9a-f-]{36}\/.{1,200}$/, 'Such as artifact:<task id>/<name>')
    .optional()
    .meta({ description: 'A file of another task' }),
  dataset: DatasetReference.optional(),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .meta({
      description: 'A file on the web, up to OUTGOING_MAX_BYTES; larger ones are uploaded',
    }),
  headers: requestHeaders(20)
    .optional()
    .meta({ description: 'Sent to the url. A value may name a secret of the tenant, which no result shows' }),
  file_name: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The name of the file, which may tell its format' }),
  format: z
    .enum(['csv', 'json', 'ndjson', 'parquet', 'xlsx'])
    .optional()
    .meta({ description: 'Without it found from the file. Of what is in it when it is compressed by gzip or zip' }),
  entry: z.string().min(1).max(500).optional().meta({ description: 'The file in a zip, when it holds several' }),
  sheet: z.string().min(1).max(100).optional().meta({ description: 'XLSX: the sheet; the first one without' }),
  ...readOptions,
});
type SourceFields = z.infer<typeof SourceFields>;

const ofSheets = new Set<string>(['header', 'skip']);

const conflictsIn = (source: SourceFields): [keyof SourceFields, string][] => {
  const given = places.filter((place) => source[place] !== undefined);
  const conflicts: [keyof SourceFields, string][] = [];
  if (given.length !== 1) conflicts.push(['content', `Give one of ${places.join(', ')}`]);
  if (source.content !== undefined && source.encoding !== undefined && !/^utf-?8$/i.test(source.encoding)) {
    conflicts.push(['encoding', 'content is text already: give the bytes as content_base64']);
  }
  if (source.headers !== undefined && source.url === undefined)
    conflicts.push(['headers', 'headers are sent to a url, and this source has none']);
  for (const option of csvOnly) {
    const { format } = source;
    const fits = format === undefined || format === 'csv' || (format === 'xlsx' && ofSheets.has(option));
    if (!fits && source[option] !== undefined) {
      conflicts.push([option, `${option} is an option of csv, and this source is ${format}`]);
    }
  }
  return conflicts;
};

export const IngestSource = SourceFields.superRefine((source, context) => {
  for (const [field, message] of conflictsIn(source)) {
    context.addIssue({ code: 'custom', path: [field], message });
  }
});
export type IngestSource = z.infer<typeof IngestSource>;

export const IngestInput = z.strictObject({
  operation: z.literal('ingest'),
  dataset: DatasetName,
  source: IngestSource,
});
export type IngestInput = z.infer<typeof IngestInput>;

export const example: z.input<typeof IngestInput> = {
  operation: 'ingest',
  dataset: 'orders',
  source: {
    content: 'day,region,amount\n2026-01-12,North,1200\n2026-01-20,South,860\n2026-02-03,North,990\nno order\n',
  },
};

/** What `ingest` made. `rows_in` = `rows_ok` + `rows_rejected`, always. */
export const IngestResult = z.strictObject({
  dataset: z.string().meta({ description: 'The new version, as other operations name it' }),
  version: z.int(),
  rows_in: z.int(),
  rows_ok: z.int(),
  rows_rejected: z.int(),
  rejected: z.string().nullable().meta({ description: 'The artifact with line and reason of each rejected row' }),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  guessed: z.boolean().meta({ description: 'True when a guess was used to read the source: see its guesses' }),
  source: ReadReport.meta({ description: 'How it was read: dialect, types, first rejected rows, warnings' }),
});
export type IngestResult = z.infer<typeof IngestResult>;
