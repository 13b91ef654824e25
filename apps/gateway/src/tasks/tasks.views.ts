import type { ArtifactInfo, TaskEntity, WholeTask } from '@pulser/context-bus';
import type { ArtifactView, TaskSummary, TaskView } from '@pulser/contracts';

import { artifactPath, taskLinks } from '../rest/ids.js';

const instant = (time: Date | null): string | null => time?.toISOString() ?? null;

const between = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : Math.max(0, to.getTime() - from.getTime());

const couldStartAt = ({ createdAt, runAt }: TaskEntity): Date =>
  runAt !== null && runAt > createdAt ? runAt : createdAt;

const timings = (task: TaskEntity): TaskSummary['timings'] => ({
  created_at: task.createdAt.toISOString(),
  updated_at: task.updatedAt.toISOString(),
  run_at: instant(task.runAt),
  deadline_at: instant(task.deadlineAt),
  started_at: instant(task.startedAt),
  completed_at: instant(task.completedAt),
  queue_ms: between(couldStartAt(task), task.startedAt),
  run_ms: between(task.startedAt, task.completedAt),
});

/** A task as lists show it. */
export const taskSummary = (task: TaskEntity): TaskSummary => ({
  task_id: task.taskId,
  task_type: task.taskType,
  priority: task.priority,
  status: task.status,
  assigned_agent: task.assignedAgent,
  attempts: task.attempts,
  submitted_by: task.submittedBy,
  replay_of: task.replayOf,
  timings: timings(task),
  error: task.error,
  links: taskLinks(task.taskId),
});

export const artifactView = (taskId: string, { name, mediaType, bytes }: ArtifactInfo): ArtifactView => ({
  name,
  media_type: mediaType,
  bytes,
  href: artifactPath(taskId, name),
});

/** The whole task. */
export const taskView = (task: WholeTask): TaskView => ({
  ...taskSummary(task),
  payload: task.payload,
  metadata: task.metadata,
  result: task.result,
  artifacts: task.artifacts.map((artifact) => artifactView(task.taskId, artifact)),
});
