// Things that pages show: made once, through the API, by real agents.
import { eventually } from '@pulser/testing';

import type { Pulser } from './pulser.js';

const sales = 'region,amount\nnorth,120\nsouth,80\nnorth,40\nwest,95\n';

const query = (sql: string): object => ({
  task_type: 'analytics',
  payload: {
    operation: 'query',
    sources: [{ name: 'sales', format: 'csv', content: sales }],
    sql,
    chart: { kind: 'bar', x: 'region', y: 'total', title: 'Sales by region' },
  },
});

/** A query that leaves a chart. */
export const goodTask = query('select region, sum(amount) as total from sales group by region order by total desc');

/** The same with a mistake in its SQL: it fails for good, and is a dead letter. */
export const brokenTask = query('select region, sum(amount) as total from sale group by region');

export interface Scene {
  /** Id of a task that has completed, with a chart. */
  readonly completed: string;
  /** Id of a task that has failed for good. */
  readonly failed: string;
  readonly deadLetter: string;
  /** Name of a dataset with one version. */
  readonly dataset: string;
  /** Id of a memory. */
  readonly memory: string;
  /** Name of a schedule that has fired. */
  readonly schedule: string;
  /** Id of a conversation with one question. */
  readonly conversation: string;
  /** Id of a run of the workflow `sample`, which has completed. */
  readonly run: string;
}

/** Waits until the task has ended. @returns its state */
export const ended = async (pulser: Pulser, taskId: string): Promise<string> => {
  let status = '';
  await eventually(async () => {
    ({ status } = await pulser.call<{ status: string }>(`/api/v1/tasks/${taskId}?wait=5s`));
    expect(['completed', 'failed', 'cancelled']).toContain(status);
  });
  return status;
};

const keepDataset = async (pulser: Pulser): Promise<string> => {
  const { task_id: taskId } = await pulser.send<{ task_id: string }>('/api/v1/datasets/sales', sales, 'text/csv');
  await ended(pulser, taskId);
  return 'sales';
};

const makeSchedule = async (pulser: Pulser): Promise<string> => {
  const when = { kind: 'calendar', times: ['06:30'], weekdays: ['mon', 'thu'] };
  const path = '/api/v1/schedules/sales-report';
  await pulser.call(path, { when, time_zone: 'Europe/Berlin', task: goodTask }, 'PUT');
  await pulser.call(`${path}/trigger`, {});
  return 'sales-report';
};

const talk = async (pulser: Pulser): Promise<string> => {
  const payload = { operation: 'ask', question: 'How many?', tools: ['query'], conversation_id: 'support:7' };
  await ended(pulser, await pulser.submit({ task_type: 'analytics', payload }));
  return 'support:7';
};

const workflow = {
  description: 'Two questions',
  steps: [
    { name: 'first', task_type: 'analytics', payload: { operation: 'query', sql: 'select 1 as one', sources: [] } },
    {
      name: 'second',
      needs: ['first'],
      task_type: 'analytics',
      payload: { operation: 'query', sql: 'select 2 as two', sources: [] },
    },
  ],
};

/** Stores a workflow as `sample` and runs it. @returns the id of its run */
export const runWorkflow = async (pulser: Pulser, definition: object = workflow): Promise<string> => {
  await pulser.send('/api/v1/workflows/sample', JSON.stringify(definition), 'application/json');
  const payload = { operation: 'run', workflow: 'sample' };
  const run = await pulser.submit({ task_type: 'orchestration', payload });
  await ended(pulser, run);
  return run;
};

export const makeScene = async (pulser: Pulser): Promise<Scene> => {
  const [completed, failed, dataset] = await Promise.all([
    pulser.submit(goodTask),
    pulser.submit(brokenTask),
    keepDataset(pulser),
  ]);
  await Promise.all([ended(pulser, completed), ended(pulser, failed)]);
  const { memory_id: memory } = await pulser.call<{ memory_id: string }>('/api/v1/memories', {
    type: 'preference',
    subject: 'reports',
    content: 'Reports are read on Mondays',
  });
  let deadLetter = '';
  await eventually(async () => {
    const page = await pulser.call<{ dead_letters: { dead_letter_id: string }[] }>('/api/v1/dead-letters');
    deadLetter = page.dead_letters[0]?.dead_letter_id ?? '';
    expect(deadLetter).not.toBe('');
  });
  const [schedule, run, conversation] = [await makeSchedule(pulser), await runWorkflow(pulser), await talk(pulser)];
  return { completed, failed, deadLetter, dataset, memory, schedule, run, conversation };
};
