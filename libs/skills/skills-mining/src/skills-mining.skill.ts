import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { mine } from './mine/mine.operation.js';
import { recall } from './recall/recall.operation.js';
import { recommend } from './recommend/recommend.operation.js';
import { instructions } from './instructions.js';

/** What the agent learnbot does: what a tenant's tasks teach, and what is known already. */
export const skillsMining: Skill = skill('skills_mining', import.meta.url, [mine, recommend, recall], { instructions });
