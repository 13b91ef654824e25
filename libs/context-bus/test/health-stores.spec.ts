import { Database, migrateUp } from '@pulser/database';
import { systemTenantId } from '@pulser/contracts';
import { countMismatches, testDatabase, type TestDatabase } from '@pulser/testing';

import {
  AgentHistory,
  type AgentSample,
  AgentStatuses,
  AgentWaits,
  Canaries,
  HealthLease,
  type MeasuredOrder,
  TaskClaims,
  TaskEntity,
  TaskResults,
  Tenants,
} from '../src/index.js';

const dash: MeasuredOrder = {
  ...{ agent: 'dash', status: 'healthy', reasons: [], share: 100, standIn: null },
  figures: null,
};
const failed: MeasuredOrder = { ...dash, status: 'unhealthy', reasons: ['deaf'], share: 0, standIn: 'maya' };
const ever = [new Date(0), new Date('2100-01-01')] as const;

const sample: AgentSample = {
  ...{ agent: 'dash', observedS: 10, degradedS: 0, unhealthyS: 2, canaries: 1, canariesLost: 0, canaryMs: 30 },
  ...{ canaryMaxMs: 30, memoryMb: 100, lagMs: 5, instances: 2, slots: 8, running: 3, depth: 40 },
};

describe('what the leader of the health services writes', () => {
  let server: TestDatabase;
  let database: Database;
  let lease: HealthLease;
  let statuses: AgentStatuses;
  let history: AgentHistory;
  let canaries: Canaries;
  let old: number;
  let epoch: number;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    database = new Database({
      settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 4, DATABASE_PREPARE: true },
      applicationName: 'health-stores',
      synchronousCommit: 'on',
      entities: [TaskEntity],
      onIdleError: () => undefined,
    });
    await database.connect();
    [lease, statuses] = [new HealthLease(database), new AgentStatuses(database)];
    [history, canaries] = [new AgentHistory(database), new Canaries(database)];
    old = (await lease.take('frozen', 60)) ?? 0;
    await lease.release(old);
    epoch = (await lease.take('awake', 60)) ?? 0;
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  it('is nothing once another one leads, whatever it is', async () => {
    expect(epoch).toBe(old + 1);
    expect(await statuses.write([failed], old)).toEqual([]);
    expect(await canaries.send([{ agent: 'dash', taskType: 'analytics' }], old)).toEqual([]);
    await history.note([sample], old);
    await history.raise(old);
    expect(await lease.remember(old, { a: 1 })).toBe(false);
    expect(await statuses.all()).toEqual([]);
    expect(await history.read('dash', 'minute', ...ever, 60)).toEqual([]);
    expect(await server.query('select * from task_queue')).toEqual([]);
  });

  it('is nothing after its lease, although nobody else has taken it', async () => {
    await lease.release(epoch);
    expect(await statuses.write([failed], epoch)).toEqual([]);
    epoch = (await lease.take('awake', 60)) ?? 0;
  });

  it('is one line of history for each change of an agent', async () => {
    expect(await statuses.write([dash], epoch)).toEqual(['dash']);
    expect(await statuses.write([dash], epoch)).toEqual([]);
    const [before] = await statuses.all();
    expect(await statuses.write([failed], epoch)).toEqual(['dash']);
    expect(await statuses.write([{ ...failed, reasons: ['deaf', 'late'] }], epoch)).toEqual([]);
    const [after] = await statuses.all();
    expect(after).toMatchObject({ ...failed, reasons: ['deaf', 'late'], epoch });
    expect(after?.since.getTime()).toBeGreaterThan(before?.since.getTime() ?? Infinity);
    expect((await statuses.changes('dash', ...ever, 10)).map(({ status }) => status)).toEqual(['unhealthy', 'healthy']);
  });

  it('is added up by minute and hour', async () => {
    await history.note([sample, { ...sample, agent: 'maya', canaryMs: null, canaryMaxMs: null }], epoch);
    await history.note([{ ...sample, canaryMs: 50, canaryMaxMs: 50, memoryMb: 300, instances: 1 }], epoch);
    await history.raise(epoch);
    await history.raise(epoch);
    const sum = { observedS: 20, unhealthyS: 4, canaries: 2, canaryMs: 80, canaryMaxMs: 50 };
    const wanted = { ...sum, memoryMb: 300, lagMs: 5, instances: 1, slots: 8, running: 3, depth: 40 };
    expect(await history.read('dash', 'minute', ...ever, 86_400)).toMatchObject([wanted]);
    expect(await history.read('dash', 'hour', ...ever, 3_600)).toMatchObject([wanted]);
    expect(await history.read('maya', 'minute', ...ever, 60)).toMatchObject([{ canaryMs: null, canaryMaxMs: null }]);
    await history.drop(48, 90);
    expect(await history.read('dash', 'minute', ...ever, 60)).toHaveLength(1);
    await server.query(`update agent_health set at = at - interval '91 days'`);
    await history.drop(48, 90);
    expect(await history.read('dash', 'hour', ...ever, 60)).toEqual([]);
  });

  it('may be a canary, which runs like a task and is counted and listed nowhere', async () => {
    const [first] = await canaries.send([{ agent: 'dash', taskType: 'analytics' }], epoch);
    const [sent] = await canaries.send([{ agent: 'dash', taskType: 'analytics' }], epoch);
    expect(await canaries.progress([first?.taskId ?? ''])).toEqual([]);
    expect(await new AgentWaits(database).all()).toEqual([]);
    const taskId = sent?.taskId ?? '';
    const claims = new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
    const request = { tenantId: systemTenantId, taskId, dispatchId: 1, wantsPayload: true };
    const claim = await claims.claim(request);
    expect(claim?.payload).toEqual({ operation: 'pulser.canary' });
    if (claim !== undefined) await new TaskResults(database).complete(claim, null);
    const [done] = await canaries.progress([taskId]);
    expect(done).toMatchObject({ taskId, failed: false });
    expect(done?.latencyMs).toBeGreaterThan(0);
    expect(await countMismatches((text) => server.query(text))).toEqual([]);
    for (const table of ['task_delta', 'task_count', 'agent_rollup', 'task_facet', 'task_event', 'audit_entry'])
      expect(await server.query(`select from ${table}`)).toEqual([]);
    await canaries.clear([taskId]);
    expect(await server.query('select from task_queue')).toEqual([]);
  });

  it('leaves no dead letter of a canary that a worker does not know', async () => {
    const [sent] = await canaries.send([{ agent: 'dash', taskType: 'analytics' }], epoch);
    const taskId = sent?.taskId ?? '';
    const claims = new TaskClaims(database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
    const claim = await claims.claim({ tenantId: systemTenantId, taskId, dispatchId: 1, wantsPayload: false });
    if (claim !== undefined)
      await new TaskResults(database).fail(claim, { code: 'unknown_operation', message: 'None', permanent: true });
    expect(await canaries.progress([taskId])).toMatchObject([{ failed: true, latencyMs: null }]);
    expect(await server.query('select from dead_letter')).toEqual([]);
  });

  it('keeps the tenant of Pulser’s own tasks out of sight', async () => {
    const tenants = new Tenants(database);
    await tenants.ensure('acme');
    expect((await tenants.list()).map(({ name }) => name)).toEqual(['acme']);
    expect(await tenants.find('pulser-system')).toBeUndefined();
    await expect(tenants.ensure('pulser-system')).rejects.toThrow('pulser-system');
  });
});
