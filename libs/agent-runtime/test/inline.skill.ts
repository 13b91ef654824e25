import { type Skill, skill } from '../src/skills/skill.js';
import { deafOperations } from './deaf-operations.js';
import { hostileOperations } from './hostile-operations.js';
import { operations } from './operations.js';
import { outsideOperations } from './outside-operations.js';

const inline = [...operations, ...deafOperations, ...outsideOperations, ...hostileOperations].map((one) => ({
  ...one,
  inline: true,
}));

/** Everything that can be told to stop, in the worker's own thread. */
export const inlineSkill: Skill = skill('analytics', import.meta.url, inline);
