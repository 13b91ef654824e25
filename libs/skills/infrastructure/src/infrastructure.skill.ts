import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { validate } from './validate/validate.operation.js';

/** What the agent arkie does: descriptions of services, and what is wrong or changes in their specs. */
export const infrastructure: Skill = skill('infrastructure', import.meta.url, [validate], { timeLimitS: 120 });
