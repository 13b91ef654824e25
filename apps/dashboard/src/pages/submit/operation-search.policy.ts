// Which operations are meant by a few words.
import type { TaskTypeView } from './task-type-queries.js';

/** The task types with the operations in which every word occurs; types without any are left out. */
export const matchingOperations = (types: readonly TaskTypeView[], typed: string): readonly TaskTypeView[] => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return types;
  const has = (...texts: readonly string[]): boolean => {
    const text = texts.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return types.flatMap((type) => {
    const { task_type: taskType, agent } = type;
    const operations = type.operations.filter(({ operation, summary }) => has(taskType, agent, operation, summary));
    const isMeant = operations.length > 0 || (type.operations.length === 0 && has(taskType, agent));
    return isMeant ? [{ ...type, operations }] : [];
  });
};
