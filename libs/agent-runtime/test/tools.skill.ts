import { type Skill, skill } from '../src/skills/skill.js';
import { toolOperations } from './tool-operations.js';

/** Operations that call tools of MCP servers, in threads of their own. */
export const toolsSkill: Skill = skill('analytics', import.meta.url, toolOperations);

/** The same in the worker's own thread. */
export const toolsInlineSkill: Skill = skill(
  'analytics',
  import.meta.url,
  toolOperations.map((operation) => ({ ...operation, inline: true })),
);
