/** Paths of a task and of what belongs to it. */
export const taskPath = (taskId: string): string => `/api/v1/tasks/${taskId}`;

export const taskLinks = (taskId: string): { self: string; events: string } => ({
  self: taskPath(taskId),
  events: `${taskPath(taskId)}/events`,
});

export const artifactPath = (taskId: string, name: string): string =>
  `${taskPath(taskId)}/artifacts/${encodeURIComponent(name)}`;
