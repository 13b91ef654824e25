export { dataPipeline } from './data-pipeline.skill.js';
export { DiffResult } from './diff/diff-contract.js';
export { ExportResult } from './export/export.operation.js';
export { IngestResult } from './ingest/ingest-contract.js';
export { ProfileResult } from './profile/profile-contract.js';
export { TransformResult } from './transform/transform-contract.js';
export { ValidateResult } from './validate/validate-contract.js';
