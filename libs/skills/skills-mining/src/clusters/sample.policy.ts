import { createHash } from 'node:crypto';

import type { FinishedTask } from '@pulser/agent-runtime/skill';

const rank = ({ taskId }: FinishedTask): string => createHash('sha256').update(taskId).digest('hex');

/** At most `size` tasks, as if drawn by chance, but the same ones each time: those whose hashed ids come first. */
export const sampleOf = (tasks: readonly FinishedTask[], size: number): readonly FinishedTask[] => {
  if (tasks.length <= size) return tasks;
  const ranked = tasks.map((task) => ({ task, rank: rank(task) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const chosen = new Set(ranked.slice(0, size).map(({ task }) => task.taskId));
  return tasks.filter(({ taskId }) => chosen.has(taskId));
};
