import { type Skill, skill } from '../src/skills/skill.js';
import { approvalOperations } from './approval-operations.js';

/** Operations that ask for approvals, in threads of their own. */
export const approvalSkill: Skill = skill('analytics', import.meta.url, approvalOperations);

/** The same in the worker's own thread. */
export const approvalInlineSkill: Skill = skill(
  'analytics',
  import.meta.url,
  approvalOperations.map((operation) => ({ ...operation, inline: true })),
);
