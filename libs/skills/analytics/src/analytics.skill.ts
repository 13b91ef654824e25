import { skill, type Skill } from '@pulser/agent-runtime/skill';

import { query } from './query/query.operation.js';

/** What the agent dash does: SQL over the data of a task, and charts of the result. */
export const analytics: Skill = skill('analytics', import.meta.url, [query]);
