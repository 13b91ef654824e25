import { type Skill, skill } from '../src/skills/skill.js';
import { waitingOperations } from './waiting-operations.js';

/** Operations that wait, in threads of their own. */
export const waitingSkill: Skill = skill('analytics', import.meta.url, waitingOperations);

/** The same in the worker's own thread. */
export const waitingInlineSkill: Skill = skill(
  'analytics',
  import.meta.url,
  waitingOperations.map((operation) => ({ ...operation, inline: true })),
);
