import { Tenants } from '@pulser/context-bus';

import { runOperation } from '../src/testing/run-operation.js';
import { telemetrySkill } from './telemetry.skill.js';
import { Worker } from './worker.js';

describe('a handler that asks for figures of tasks', () => {
  let worker: Worker;

  beforeAll(async () => {
    worker = await Worker.start({}, telemetrySkill);
  });

  afterAll(() => worker.stop());

  const failed = { task_type: 'analytics', agent: 'dash' };

  it('gets those of the tenant of its task, and of no other', async () => {
    const other = await new Tenants(worker.database).ensure('umbrella');
    const bury = `insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
      values ($1, pulser.new_id(), $2, $3, $4, '{}')`;
    await worker.server.query(bury, [worker.tenantId, failed.task_type, failed.agent, 'mine']);
    await worker.server.query(bury, [other, failed.task_type, failed.agent, 'theirs']);
    await worker.server.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
       select $1, 'analytics', 'dash', '{}', 'infinity' from generate_series(1, 5)`,
      [other],
    );
    const { result } = await worker.run({ operation: 'count' }, 'completed');
    expect(result).toEqual({
      tenant: 'acme',
      submitted: 1,
      reasons: [{ reason: 'mine', agent: 'dash', open: 1, recent: 1, earlier: 0 }],
    });
  });

  it('fails for good when it asks for a time that cannot be', async () => {
    const { error } = await worker.run({ operation: 'count', from: '2999-01-01T00:00:00Z' }, 'failed');
    expect(error).toMatchObject({
      code: 'invalid_payload',
      message: expect.stringMatching(/^from: Lies ahead/) as string,
    });
  });

  it('needs to be told the figures in the kit', async () => {
    await expect(runOperation(telemetrySkill, { operation: 'count' })).rejects.toMatchObject({
      message: 'The operation asks for telemetry: give runOperation the option telemetry',
    });
  });
});
