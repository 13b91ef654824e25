import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { anomalies } from './anomalies/anomalies.operation.js';
import { explainChange } from './change/explain-change.operation.js';
import { forecast } from './forecast/forecast.operation.js';
import { query } from './query/query.operation.js';
import { report } from './report/report.operation.js';
import { telemetryReport } from './telemetry-report/telemetry-report.operation.js';
import { instructions } from './instructions.js';

/** What the agent dash does: SQL over the data of a task, charts of the result, and what a series tells. */
export const analytics: Skill = skill(
  'analytics',
  import.meta.url,
  [query, forecast, anomalies, explainChange, report, telemetryReport],
  { instructions },
);
