import type { Swept } from '@pulser/context-bus';
import type { MessageInput, TaskStatus } from '@pulser/contracts';

// The events of tasks that the router took from a lost worker, or failed because they were overdue.

/** The events, by routing key; those of a key travel as one message. */
export interface SweptEvents {
  readonly 'task.failed': MessageInput<'task.failed'>;
  readonly 'task.retrying': MessageInput<'task.retrying'>;
  readonly 'task.cancelled': MessageInput<'task.cancelled'>;
}

const eventOf = ({ task_id, tenant_id, task_type, agent, attempt }: Swept) => ({
  task_id,
  tenant_id,
  task_type,
  agent,
  attempt,
});

/**
 * Tasks that have attempts left are queued again, the others have failed; `cancelled` are the descendants of a task that
 * failed, which end with it.
 */
export const eventsOf = (swept: readonly Swept[]): SweptEvents => {
  const of = (status: TaskStatus) => swept.filter((task) => task.status === status);
  const withCode = (task: Swept) => ({ ...eventOf(task), code: task.code ?? 'unexplained' });
  return {
    'task.failed': of('failed').map(withCode),
    'task.retrying': of('queued').map(withCode),
    'task.cancelled': of('cancelled').map(eventOf),
  };
};
