// What reading a run costs: its notices, however many tasks it and its tenant have.
import { RootPrincipals, WorkflowRuns } from '../src/index.js';
import { Explaining } from './explaining.js';
import { TaskLife } from './task-life.js';

const notices = 20;

describe('reading a run', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  /** @returns the id of a run with so many tasks, some of whose ends it has not noticed */
  const runOf = async (tasks: number): Promise<string> => {
    const [row] = await life.server.query<{ id: string }>(
      `with root as (
         insert into task_queue (tenant_id, task_type, assigned_agent, payload, status, due_at)
         values ($1, 'orchestration', 'pulser', '{}', 'waiting', now()) returning tenant_id, task_id
       ), run as (
         insert into workflow_run (tenant_id, task_id, definition, inputs, priority)
         select tenant_id, task_id, '{"steps": []}', '{}', 'medium' from root
       ), step as (
         insert into workflow_step (tenant_id, run_id, name, position, status, total)
         select tenant_id, task_id, 'many', 0, 'running', $2 from root
       ), children as (
         insert into task_queue (tenant_id, task_type, assigned_agent, payload, parent_id, root_id, due_at)
         select r.tenant_id, 'analytics', 'dash', '{}', r.task_id, r.task_id, now() from root r, generate_series(1, $2::int)
         returning tenant_id, task_id, parent_id
       ), numbered as (
         select c.*, row_number() over () as n from children c
       ), started as (
         insert into workflow_task (tenant_id, run_id, step, index, task_id)
         select tenant_id, parent_id, 'many', n, task_id from numbered
       ), noticed as (
         insert into workflow_inbox (tenant_id, run_id, task_id)
         select tenant_id, parent_id, task_id from numbered where n <= ${notices}
       )
       select task_id as id from root`,
      [life.tenantId, tasks],
    );
    return row?.id ?? '';
  };

  it.each([50, 3_000])('with %i tasks touches the rows of its notices alone', async (tasks) => {
    const runId = await runOf(tasks);
    const database = new Explaining(life.database);
    const run = await new WorkflowRuns(database.asDatabase).read(life.tenantId, runId);
    expect(run?.notices).toHaveLength(notices);
    expect(run?.notices.every(({ step }) => step === 'many')).toBe(true);
    await new RootPrincipals(database.asDatabase).of(life.tenantId, runId);
    expect(database.touched).toBeLessThan(20 * notices);
  });
});
