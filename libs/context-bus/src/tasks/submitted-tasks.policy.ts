import type { SubmittedTask } from '@pulser/contracts';

import { inlinePayloadBytes } from './dequeue.js';
import type { Accepted, NewTask } from './inserts.js';

/** Max bytes of all payloads of one message: a broker refuses messages that are too large. */
const messageBytes = 4_194_304;

const reference = (tenantId: string, taskId: string, task: NewTask): SubmittedTask => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: task.task_type,
  priority: task.priority,
  ...(task.traceparent !== undefined && { traceparent: task.traceparent }),
});

/** The rows of one statement that may start now, as a message. A payload that it does not carry is read by the worker. */
export const submittedTasks = (
  tenantId: string,
  tasks: readonly NewTask[],
  accepted: readonly Accepted[],
): SubmittedTask[] => {
  let room = messageBytes;
  return tasks.flatMap((task, n) => {
    const answer = accepted[n];
    if (answer?.kind !== 'created' || answer.status !== 'queued') return [];
    const bytes = Buffer.byteLength(JSON.stringify(task.payload));
    if (bytes > Math.min(inlinePayloadBytes, room)) return [reference(tenantId, answer.taskId, task)];
    room -= bytes;
    return [{ ...reference(tenantId, answer.taskId, task), payload: task.payload }];
  });
};
