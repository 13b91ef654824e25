// The rows of a statement as a new version of a dataset.
import { join } from 'node:path';

import type { DatasetFacts, Json, TaskContext } from '@pulser/agent-runtime/skill';
import { sharedSandboxes, type StagedSource, type WorkDone } from '@pulser/data-sandbox';
import type { ReadReport } from '@pulser/tabular';

import { pipelineBounds } from './pipeline-bounds.js';

/** As many rows are shown with a version. */
const previewRows = 100;

export interface Keeping {
  readonly folder: string;
  readonly sources: readonly StagedSource[];
  readonly sql: string;
  readonly dataset: string;
}

export interface KeptRows {
  readonly kept: DatasetFacts & { readonly reference: string };
  readonly rows: number;
  readonly rejected: number;
  readonly columns: DatasetFacts['columns'];
  readonly preview: readonly (readonly Json[])[];
  readonly sources: readonly ReadReport[];
}

/** The artifact with the refused rows of sources. */
export const rejectedName = 'rejected.ndjson';

const run = (
  keeping: Keeping,
  { signal }: TaskContext,
  bounds: Awaited<ReturnType<typeof pipelineBounds>>,
): Promise<WorkDone> =>
  sharedSandboxes.work(
    {
      sources: keeping.sources,
      statements: [
        { sql: keeping.sql, keepRows: previewRows, into: { path: parquetPath(keeping), format: 'parquet' } },
      ],
      refusedInto: rejectedPath(keeping),
      bounds,
    },
    signal,
  );

const parquetPath = ({ folder }: Keeping): string => join(folder, 'kept.parquet');
const rejectedPath = ({ folder }: Keeping): string => join(folder, rejectedName);

/**
 * Runs the SQL over the sources in a sandbox and keeps its rows as the next version of a dataset, and the rows of the
 * sources that were refused as the artifact {@link rejectedName}.
 */
export const keepRows = async (keeping: Keeping, context: TaskContext): Promise<KeptRows> => {
  const { results, sources } = await run(keeping, context, await pipelineBounds(keeping.folder));
  const [result] = results;
  if (result === undefined) throw new TypeError('A statement without a result');
  const rejected = sources.reduce((sum, report) => sum + report.rows_refused, 0);
  if (rejected > 0) await context.keepFile(rejectedName, 'application/x-ndjson', rejectedPath(keeping));
  const { columns, rows: preview, rowCount } = result;
  const rows = rowCount ?? 0;
  const kept = await context.keepDataset(keeping.dataset, {
    path: parquetPath(keeping),
    rows,
    rejected,
    columns,
    preview,
    report: { sources } as unknown as Json,
  });
  return { kept, rows, rejected, columns, preview, sources };
};
