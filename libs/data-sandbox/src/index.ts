export {
  type Bounds,
  type Failure,
  type Job,
  type Rows,
  type Statement,
  type StatementRows,
} from './inside/job/job.js';
export { type Target, type Work, type WorkDone } from './inside/job/job.js';
export { asJson, quotedName, quotedText } from './inside/job/sql-text.js';
export { queryErrors, Sandboxes, sharedSandboxes } from './sandbox.js';
export { DatasetReference, type FileFormat, type OpenData, Source, type StagedSource } from './sources/sources.js';
export { stageSources, TableName, withStagedSources, withStagingFolder } from './sources/sources.js';
export { makeStagingFolder, removeAbandonedFolders } from './sources/staging.js';
