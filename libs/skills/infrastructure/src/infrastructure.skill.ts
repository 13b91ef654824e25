import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { deploy } from './deploy/deploy.operation.js';
import { plan } from './plan/plan.operation.js';
import { render } from './render/render.operation.js';
import { validate } from './validate/validate.operation.js';
import { instructions } from './instructions.js';

/** What the agent arkie does: descriptions of services, and what is wrong or changes in their specs. */
export const infrastructure: Skill = skill('infrastructure', import.meta.url, [render, validate, plan, deploy], {
  timeLimitS: 120,
  instructions,
});
