import { z } from 'zod';

import { plainText } from '../json.js';
import { exportable } from './exports.js';
import { AcceptedTask, maxPage } from './tasks.js';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const DatasetColumn = z.object({
  name: z.string(),
  type: z.string().meta({ description: 'As DuckDB writes it' }),
});

export const DataUseView = z.object({
  task_id: z.uuid(),
  reference: z.string().meta({ description: 'With the version of a dataset' }),
  sha256: Sha256,
  bytes: z.int(),
});
export type DataUseView = z.infer<typeof DataUseView>;

export const DatasetVersionView = z
  .object({
    version: z.int(),
    reference: z.string().meta({ description: 'What the input of a task calls it' }),
    rows: z.int(),
    rejected: z.int().meta({ description: 'Rows of the source that are not in it' }),
    bytes: z.int(),
    sha256: Sha256,
    columns: z.array(DatasetColumn),
    created_at: z.iso.datetime(),
    made_by: z.uuid().meta({ description: 'The task that made it' }),
    links: z.object({ self: z.string(), rows: z.string(), content: z.string() }),
  })
  .meta({ id: 'DatasetVersion' });
export type DatasetVersionView = z.infer<typeof DatasetVersionView>;

/** A version with where it came from and who has read it. */
export const DatasetVersionDetail = DatasetVersionView.extend({
  made_from: z.array(DataUseView).meta({ description: 'What its task opened' }),
  used_by: z.array(DataUseView).meta({ description: 'Tasks that opened it, the last 100' }),
  report: z.unknown().meta({ description: 'What its task said of it' }),
}).meta({ id: 'DatasetVersionDetail' });
export type DatasetVersionDetail = z.infer<typeof DatasetVersionDetail>;

export const DatasetSummary = z
  .object({
    name: z.string(),
    created_at: z.iso.datetime(),
    versions: z.int(),
    bytes: z.int().meta({ description: 'Of all versions' }),
    latest: DatasetVersionView.nullable(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'DatasetSummary' });
export type DatasetSummary = z.infer<typeof DatasetSummary>;

export const DatasetPage = z
  .object({
    datasets: z.array(DatasetSummary),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'DatasetPage' });
export type DatasetPage = z.infer<typeof DatasetPage>;

export const DatasetView = z
  .object({
    name: z.string(),
    created_at: z.iso.datetime(),
    versions: z.array(DatasetVersionView).meta({ description: 'The newest first' }),
    next_before: z.int().nullable().meta({ description: 'Send as `before` for older versions; null at the end' }),
  })
  .meta({ id: 'Dataset' });
export type DatasetView = z.infer<typeof DatasetView>;

const maxRows = 500;

export const RowsQuery = z.strictObject({
  offset: z.coerce.number().int().min(0).max(2_147_483_647).default(0).meta({ description: 'Rows before the page' }),
  limit: z.coerce.number().int().min(1).max(maxRows).default(100),
});
export type RowsQuery = z.infer<typeof RowsQuery>;

export const DatasetRows = z
  .object({
    columns: z.array(DatasetColumn),
    rows: z.array(z.array(z.unknown())).meta({ description: 'Long cells of the first 100 rows are cut' }),
    total_rows: z.int(),
    next_offset: z.int().nullable().meta({ description: 'Send as `offset` for the rows after these; null at the end' }),
  })
  .meta({ id: 'DatasetRows' });
export type DatasetRows = z.infer<typeof DatasetRows>;

export const UploadView = z
  .object({
    sha256: Sha256,
    bytes: z.int().meta({ description: 'That are kept' }),
    complete: z.boolean(),
    media_type: z.string(),
    reference: z.string().meta({ description: 'What the input of a task calls it' }),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Upload' });
export type UploadView = z.infer<typeof UploadView>;

/** A task that will make the next version of a dataset. */
export const AcceptedIngest = AcceptedTask.extend({
  dataset: z.object({
    name: z.string(),
    href: z.string(),
    version_href: z.string().meta({ description: 'The version, once the task has made it' }),
  }),
  upload: UploadView.nullable(),
}).meta({ id: 'AcceptedIngest' });
export type AcceptedIngest = z.infer<typeof AcceptedIngest>;

export const DatasetQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  prefix: plainText(100).optional().meta({ description: 'Only those whose name begins so' }),
  ...exportable,
});
export type DatasetQuery = z.infer<typeof DatasetQuery>;

export const DatasetVersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(maxPage).default(20),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .meta({ description: 'Only versions before this one' }),
  made_by: z.uuid().optional().meta({ description: 'Only the version that this task made' }),
});
export type DatasetVersionsQuery = z.infer<typeof DatasetVersionsQuery>;

export const dataFormats = ['csv', 'json', 'ndjson', 'parquet', 'xlsx'] as const;

export const IngestQuery = z.strictObject({
  format: z
    .enum(dataFormats)
    .optional()
    .meta({ description: 'Without it from Content-Type, or from what is in it; of gzip and zip: of what is inside' }),
  options: plainText(4_000)
    .optional()
    .meta({ description: 'Further members of the source of the operation `ingest`, as a JSON object' }),
});
export type IngestQuery = z.infer<typeof IngestQuery>;

/** The source of the operation `ingest`, which checks it. */
export const IngestOrder = z.record(plainText(100), z.unknown()).meta({
  id: 'IngestOrder',
  description: 'A `source` of the operation `ingest`: `{"upload": "<sha256>"}`, `{"url": "https://..."}`, and so on',
});
export type IngestOrder = z.infer<typeof IngestOrder>;

export const ContentQuery = z.strictObject({
  format: z
    .enum(['parquet', 'csv', 'ndjson'])
    .default('parquet')
    .meta({ description: 'Parquet is what is kept; the others are made by a task, which this waits for' }),
});
export type ContentQuery = z.infer<typeof ContentQuery>;
