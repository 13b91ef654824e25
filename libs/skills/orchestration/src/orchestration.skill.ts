import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { approve } from './approve.operation.js';
import { run } from './run.operation.js';
import { instructions } from './instructions.js';

/** What the agent pulser does: runs of workflows, and the approvals among their steps. */
export const orchestration: Skill = skill('orchestration', import.meta.url, [run, approve], { instructions });
