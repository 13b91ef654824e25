import { operation } from '@pulser/agent-runtime/skill';
import { withStagingFolder } from '@pulser/data-sandbox';

import { keepRows, rejectedName } from '../datasets/keep-rows.js';
import { pipelineErrors } from '../pipeline-errors.js';
import { example, IngestInput, type IngestResult } from './ingest-contract.js';
import { sourceFile } from './source-file.js';

/** Makes a version of a dataset of a file. */
export const ingest = operation({
  name: 'ingest',
  summary: 'Makes a dataset of a CSV, JSON, NDJSON, XLSX or Parquet file, without loss; rejected rows are listed',
  input: IngestInput,
  example,
  errors: pipelineErrors,
  // The work is done by a process of its own: here it is only waited for.
  inline: true,
  secrets: true,
  handle: ({ dataset, source }, context): Promise<IngestResult> =>
    withStagingFolder(async (folder) => {
      const file = await sourceFile(source, folder, context);
      context.progress(10, 'The source is there');
      const { kept, rows, rejected, columns, sources } = await keepRows(
        { folder, sources: [file], sql: `FROM ${file.name}`, dataset },
        context,
      );
      const [report] = sources;
      if (report === undefined) throw new TypeError('A source without a report');
      return {
        dataset: kept.reference,
        version: kept.version,
        rows_in: rows + rejected,
        rows_ok: rows,
        rows_rejected: rejected,
        rejected: rejected === 0 ? null : rejectedName,
        columns: columns.map(({ name, type }) => ({ name, type })),
        guessed: report.guesses.length > 0,
        source: report,
      };
    }),
});
