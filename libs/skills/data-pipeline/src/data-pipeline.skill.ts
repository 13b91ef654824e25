import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { diff } from './diff/diff.operation.js';
import { exportDataset } from './export/export.operation.js';
import { ingest } from './ingest/ingest.operation.js';
import { profile } from './profile/profile.operation.js';
import { transform } from './transform/transform.operation.js';
import { validate } from './validate/validate.operation.js';
import { instructions } from './instructions.js';

/** What the agent data_fabcon does: datasets out of files and SQL, and what is to be known about them. */
export const dataPipeline: Skill = skill(
  'data_pipeline',
  import.meta.url,
  [ingest, exportDataset, transform, validate, profile, diff],
  { instructions },
);
