import { eventually } from '@pulser/testing';

import type { Started } from './started.js';

export interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly result: unknown;
}

const query = (sql: string) => ({ task_type: 'analytics', payload: { operation: 'query', sources: [], sql } });

export const submit = async (pulser: Started, sql: string): Promise<string> =>
  (await pulser.call<Task>('/api/v1/tasks', query(sql))).task_id;

/** A task that runs until it is cancelled, where models say nothing: it computes nothing meanwhile, as a query would. */
export const submitEndless = async (pulser: Started): Promise<string> => {
  const payload = { operation: 'ask', question: 'How many tasks are there?' };
  return (await pulser.call<Task>('/api/v1/tasks', { task_type: 'analytics', payload })).task_id;
};

export const submitMany = async (pulser: Started, statements: readonly string[]): Promise<string[]> => {
  const { items } = await pulser.call<{ items: Task[] }>('/api/v1/tasks/batch', { tasks: statements.map(query) });
  return items.map(({ task_id }) => task_id);
};

export const reaches = (pulser: Started, taskId: string, wanted: Partial<Task>): Promise<void> =>
  eventually(
    async () => {
      expect(await pulser.call(`/api/v1/tasks/${taskId}`)).toMatchObject(wanted);
    },
    { everyMs: 100 },
  );
