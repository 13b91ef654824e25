// Datasets as operations read them.
import type { DataFile, DatasetFacts, TaskContext } from '@pulser/agent-runtime/skill';
import { sharedSandboxes, type Statement, type StatementRows, withStagingFolder } from '@pulser/data-sandbox';

import { pipelineErrors } from '../pipeline-errors.js';
import { pipelineBounds } from './pipeline-bounds.js';

/** A dataset that was opened: its Parquet file and its facts. */
export interface OpenedDataset extends DataFile {
  readonly dataset: DatasetFacts;
}

/** @throws TaskError `data_not_found` */
export const openDataset = async (reference: string, { openData }: TaskContext): Promise<OpenedDataset> => {
  const file = await openData(reference);
  if (file.dataset === undefined) throw pipelineErrors.error('data_not_found', `${reference} is no dataset`);
  return { ...file, dataset: file.dataset };
};

/** A statement of this skill, which names no table but files that were opened. */
export type OwnStatement = string | Pick<Statement, 'sql' | 'into'>;

const usualRows = 1_000;

/**
 * Runs statements of this skill over Parquet files that were opened, which they name by their paths.
 *
 * @returns the rows of each, a thousand at most
 */
export const queryDatasets = async (
  files: readonly Pick<DataFile, 'path'>[],
  statements: readonly OwnStatement[],
  { signal }: TaskContext,
): Promise<readonly StatementRows[]> => {
  if (statements.length === 0) return [];
  return withStagingFolder(async (folder) => {
    const sources = files.map(({ path }, index) => ({
      name: `file${index}`,
      path,
      format: 'parquet' as const,
      borrowed: true,
    }));
    const { results } = await sharedSandboxes.work(
      {
        sources,
        statements: statements.map((one) => ({
          keepRows: usualRows,
          ...(typeof one === 'string' ? { sql: one } : one),
        })),
        trusted: true,
        bounds: await pipelineBounds(folder),
      },
      signal,
    );
    return results;
  });
};
