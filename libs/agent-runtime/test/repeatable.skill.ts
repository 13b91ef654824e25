import { type Skill, skill } from '../src/skills/skill.js';
import { operations } from './operations.js';

/** The same operations in threads, declared repeatable. */
export const repeatableSkill: Skill = skill(
  'analytics',
  import.meta.url,
  operations.map((one) => ({ ...one, repeatable: true })),
);
