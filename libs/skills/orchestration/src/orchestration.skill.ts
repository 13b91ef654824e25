import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { run } from './run.operation.js';
import { instructions } from './instructions.js';

/** What the agent pulser does: runs of workflows. */
export const orchestration: Skill = skill('orchestration', import.meta.url, [run], { instructions });
