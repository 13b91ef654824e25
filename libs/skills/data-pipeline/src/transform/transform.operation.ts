import { operation } from '@pulser/agent-runtime/skill';
import { stageSources, withStagingFolder } from '@pulser/data-sandbox';

import { keepRows, rejectedName } from '../datasets/keep-rows.js';
import { pipelineErrors } from '../pipeline-errors.js';
import { example, TransformInput, type TransformResult } from './transform-contract.js';

const shownRows = 10;

/** Makes a version of a dataset of the rows of a SELECT. */
export const transform = operation({
  name: 'transform',
  summary: 'Makes a dataset of the rows of one SQL statement over datasets and data in the payload',
  input: TransformInput,
  example,
  errors: pipelineErrors,
  // The work is done by a process of its own: here it is only waited for.
  inline: true,
  handle: ({ dataset, sources, sql }, context): Promise<TransformResult> =>
    withStagingFolder(async (folder) => {
      const staged = await stageSources(folder, sources, context.openData);
      const made = await keepRows({ folder, sources: staged, sql, dataset }, context);
      return {
        dataset: made.kept.reference,
        version: made.kept.version,
        rows: made.rows,
        columns: made.columns.map(({ name, type }) => ({ name, type })),
        preview: made.preview.slice(0, shownRows).map((row) => [...row]) as TransformResult['preview'],
        rejected: made.rejected === 0 ? null : rejectedName,
        guessed: made.sources.some(({ guesses }) => guesses.length > 0),
        sources: [...made.sources],
      };
    }),
});
