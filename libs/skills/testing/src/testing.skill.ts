import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { contractTest } from './contract/contract-test.operation.js';
import { httpChecks } from './http-checks/http-checks.operation.js';
import { loadTest } from './load/load-test.operation.js';
import { instructions } from './instructions.js';

/** What the agent echo does: checks of HTTP interfaces. */
export const testing: Skill = skill('testing', import.meta.url, [httpChecks, contractTest, loadTest], {
  timeLimitS: 900,
  instructions,
});
