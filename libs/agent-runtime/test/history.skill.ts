import { z } from 'zod';

import { operation, skill, type Skill } from '../src/skills/skill.js';

const recount = operation({
  name: 'recount',
  summary: 'Counts the finished tasks of its tenant, page by page',
  input: z.strictObject({ operation: z.literal('recount'), page: z.int().default(2), of: z.string().optional() }),
  example: { operation: 'recount' },
  handle: async ({ page, of }, { finishedTasks }) => {
    const seen: string[] = [];
    for (let after: string | undefined; ;) {
      const query = { limit: page, ...(of !== undefined && { operation: of }), ...(after !== undefined && { after }) };
      const { tasks, next } = await finishedTasks(query);
      seen.push(...tasks.map((task) => `${task.status} ${task.description}`));
      if (next === undefined) return seen;
      after = next;
    }
  },
});

/** An operation that looks at what its tenant has done, in a thread. */
export const historySkill: Skill = skill('analytics', import.meta.url, [recount]);
