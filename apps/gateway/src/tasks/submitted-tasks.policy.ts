import { type CreatedTask, inlinePayloadBytes } from '@pulser/context-bus';
import type { SubmittedTask, TasksSubmitted } from '@pulser/contracts';

/** All payloads of one message, in bytes: a broker refuses messages that are too large. */
const messageBytes = 4_194_304;

const reference = (tenantId: string, { taskId, task }: CreatedTask): SubmittedTask => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: task.task_type,
  priority: task.priority,
  ...(task.traceparent !== undefined && { traceparent: task.traceparent }),
});

/** The message for the rows of one statement that may start now. What a message does not carry the worker reads. */
export const submittedTasks = (tenantId: string, created: readonly CreatedTask[]): TasksSubmitted => {
  let room = messageBytes;
  return created
    .filter(({ status }) => status === 'queued')
    .map((row) => {
      const bytes = Buffer.byteLength(JSON.stringify(row.task.payload));
      if (bytes > Math.min(inlinePayloadBytes, room)) return reference(tenantId, row);
      room -= bytes;
      return { ...reference(tenantId, row), payload: row.task.payload };
    });
};
