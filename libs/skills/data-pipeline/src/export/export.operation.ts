import { join } from 'node:path';

import { operation } from '@pulser/agent-runtime/skill';
import { DatasetReference, sharedSandboxes, withStagingFolder } from '@pulser/data-sandbox';
import { z } from 'zod';

import { pipelineBounds } from '../datasets/pipeline-bounds.js';
import { pipelineErrors } from '../pipeline-errors.js';

const mediaTypes = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;

export const ExportInput = z.strictObject({
  operation: z.literal('export'),
  dataset: DatasetReference,
  format: z.enum(['csv', 'ndjson']),
});

export const ExportResult = z.strictObject({
  dataset: z.string().meta({ description: 'With its version' }),
  artifact: z.string().meta({ description: 'The file, an artifact of this task' }),
  rows: z.int(),
});
export type ExportResult = z.infer<typeof ExportResult>;

/** Writes a version of a dataset as a file that other programs read. */
export const exportDataset = operation({
  name: 'export',
  summary: 'Writes a dataset as a CSV or NDJSON file',
  input: ExportInput,
  example: { operation: 'export', dataset: 'dataset:orders', format: 'csv' },
  errors: pipelineErrors,
  // The work is done by a process of its own: here it is only waited for.
  inline: true,
  handle: ({ dataset, format }, context): Promise<ExportResult> =>
    withStagingFolder(async (folder) => {
      const { path, reference } = await context.openData(dataset);
      const into = { path: join(folder, `rows.${format}`), format };
      const { results } = await sharedSandboxes.work(
        {
          sources: [{ name: 'rows', path, format: 'parquet', borrowed: true }],
          statements: [{ sql: 'FROM rows', keepRows: 0, into }],
          trusted: true,
          bounds: await pipelineBounds(folder),
        },
        context.signal,
      );
      const artifact = `${reference.replace(/^dataset:/, '').replace('@', '-v')}.${format}`;
      await context.keepFile(artifact, mediaTypes[format], into.path);
      return { dataset: reference, artifact, rows: results[0]?.rowCount ?? 0 };
    }),
});
