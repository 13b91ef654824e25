import type { FinishedTask, FinishedTaskPage, FinishedTaskQuery } from '@pulser/context-bus';

const usualLimit = 500;
const dayMs = 86_400_000;

const matches = (task: FinishedTask, { taskType, operation, sinceDays }: FinishedTaskQuery): boolean =>
  (taskType === undefined || task.taskType === taskType) &&
  (operation === undefined || task.operation === operation) &&
  (sinceDays === undefined || Date.parse(task.createdAt) >= Date.now() - sinceDays * dayMs);

/** A page of a list, as the database would give it: by id, newest first. */
export const pageOf = (tasks: readonly FinishedTask[], query: FinishedTaskQuery = {}): FinishedTaskPage => {
  const { limit = usualLimit, after } = query;
  const left = [...tasks]
    .sort((a, b) => (a.taskId < b.taskId ? 1 : -1))
    .filter(({ taskId }) => after === undefined || taskId < after)
    .filter((task) => matches(task, query));
  const page = left.slice(0, limit);
  const next = left.length > limit ? page.at(-1)?.taskId : undefined;
  return { tasks: page, scanned: page.length, ...(next !== undefined && { next }) };
};
