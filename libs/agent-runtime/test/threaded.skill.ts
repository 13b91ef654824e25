import { type Skill, skill } from '../src/skills/skill.js';
import { deafOperations } from './deaf-operations.js';
import { hostCallOperations } from './host-call-operations.js';
import { hostileOperations } from './hostile-operations.js';
import { memoryOperations } from './memory-operations.js';
import { operations } from './operations.js';
import { outsideOperations } from './outside-operations.js';
import { ruinousOperations } from './ruinous-operations.js';

const threaded = [
  ...operations,
  ...deafOperations,
  ...outsideOperations,
  ...ruinousOperations,
  ...hostCallOperations,
  ...hostileOperations,
  ...memoryOperations,
];

/** The same in threads of their own, and what may happen only there. */
export const threadedSkill: Skill = skill('analytics', import.meta.url, threaded);
