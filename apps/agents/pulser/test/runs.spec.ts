import { FailingDatabase, Killed } from './failing-database.js';
import { type Advancer, advancerOver, RunsUnderTest } from './runs-under-test.js';

const step = (name: string, more: object = {}) => ({
  name,
  task_type: 'analytics',
  payload: { operation: 'do' },
  ...more,
});

const path = (text: string) => ({ $path: text });

describe('a run', () => {
  let under: RunsUnderTest;
  let advancer: Advancer;

  beforeAll(async () => {
    under = await RunsUnderTest.start();
    advancer = advancerOver(under.database);
  });

  afterAll(async () => {
    advancer.close();
    await under.stop();
  });

  const payloadsOf = async (runId: string): Promise<Record<string, unknown>> => {
    const rows = await under.server.query<{ item: string; payload: unknown }>(
      `select metadata ->> 'workflow_step' || ' ' || (metadata ->> 'index') as item, payload
       from task_queue where parent_id = $1`,
      [runId],
    );
    return Object.fromEntries(rows.map(({ item, payload }) => [item, payload]));
  };

  it('runs its steps in their order, gives each what the earlier ones found, and completes its task', async () => {
    const runId = await under.begin(
      [
        step('ingest', { payload: { operation: 'do', url: path('$.inputs.url') } }),
        step('each', {
          needs: ['ingest'],
          map: { over: path('$.steps.ingest.result.parts'), max_parallel: 2 },
          payload: { operation: 'do', n: path('$.item'), at: { $cel: 'index * 10' } },
        }),
        step('never', { needs: ['ingest'], when: 'steps.ingest.result.rows > 100' }),
        step('report', {
          needs: ['each', 'never'],
          payload: { operation: 'do', sums: path('$.steps.each.results[*].sum'), chart: { $artifact: 'ingest/c.png' } },
        }),
      ],
      { inputs: { url: { type: 'string' } }, output: { total: { $cel: 'steps.each.results.size()' } } },
      { url: 'https://example.com/a.csv' },
    );
    await under.play(runId, advancer, ({ step: name, index }) =>
      name === 'ingest' ? { result: { parts: [5, 6, 7], rows: 9 } } : { result: { sum: index } },
    );
    expect(await under.rootOf(runId)).toMatchObject({ status: 'completed', result: { total: 3 } });
    expect(await under.times(runId)).toEqual({ 'ingest 0': 1, 'each 0': 1, 'each 1': 1, 'each 2': 1, 'report 0': 1 });
    expect(await under.steps(runId)).toMatchObject({ never: 'skipped', report: 'completed' });
    const payloads = await payloadsOf(runId);
    expect(payloads['ingest 0']).toEqual({ operation: 'do', url: 'https://example.com/a.csv' });
    expect(payloads['each 2']).toEqual({ operation: 'do', n: 7, at: 20 });
    expect(payloads['report 0']).toMatchObject({
      sums: [0, 1, 2],
      chart: expect.stringMatching(/^artifact:.*\/c\.png$/) as string,
    });
    expect(advancer.events.heard).toContainEqual({ key: 'task.completed', ids: [runId] });
  });

  it('fails with a step that may not, and cancels what is open', async () => {
    const runId = await under.begin([step('good'), step('bad'), step('later', { needs: ['bad'] })]);
    await advancer.advance.advance({ tenantId: under.tenantId, runId });
    const bad = (await under.open(runId)).find((task) => task.step === 'bad');
    await under.finish(bad?.task_id ?? '', { code: 'no_luck' });
    await advancer.advance.advance({ tenantId: under.tenantId, runId });
    expect(await under.rootOf(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'step_failed', message: 'The step bad failed (no_luck)' },
    });
    expect(await under.open(runId)).toEqual([]);
    expect(await under.steps(runId)).toEqual({ good: 'cancelled', bad: 'failed', later: 'cancelled' });
  });

  it('goes on after a step that may fail, and tolerates some items', async () => {
    const runId = await under.begin([
      step('shaky', { on_failure: 'continue' }),
      step('many', { map: { over: [1, 2, 3, 4] }, on_failure: { tolerate: 1 } }),
      step('after', { needs: ['shaky', 'many'], when: 'steps.shaky.status == "failed" && steps.many.failed == 1' }),
    ]);
    await under.play(runId, advancer, (task) =>
      task.step === 'shaky' || (task.step === 'many' && task.index === 2) ? { code: 'no_luck' } : { result: {} },
    );
    expect((await under.rootOf(runId)).status).toBe('completed');
    expect(await under.steps(runId)).toEqual({ shaky: 'failed', many: 'completed', after: 'completed' });
  });

  it('fails a step whose payload cannot be made, or whose submission is refused for good', async () => {
    const broken = await under.begin([step('a', { payload: { operation: 'do', n: path('$.inputs.nothing') } })]);
    await under.play(broken, advancer);
    expect(await under.rootOf(broken)).toMatchObject({
      status: 'failed',
      error: { message: 'The step a failed (value_missing: The path finds nothing (at /n))' },
    });
    const refused = await under.begin([step('b', { payload: { operation: 'do', n: 'no number' } })]);
    await under.play(refused, advancer);
    expect(await under.rootOf(refused)).toMatchObject({
      status: 'failed',
      error: { message: 'The step b failed (invalid_payload)' },
    });
  });

  it('submits again later what a full queue refuses, and nothing twice', async () => {
    const narrow = advancerOver(under.database, 3);
    const runId = await under.begin([step('many', { map: { over: Array.from({ length: 8 }, (_, n) => n) } })]);
    await narrow.advance.advance({ tenantId: under.tenantId, runId });
    const open = await under.open(runId);
    expect(open.length).toBeLessThanOrEqual(3);
    const [row] = await under.server.query<{ waits: boolean }>(
      'select due_at > now() as waits from workflow_run where task_id = $1',
      [runId],
    );
    expect(row?.waits).toBe(true);
    for (const { task_id } of open) await under.finish(task_id);
    await under.play(runId, advancer);
    expect((await under.rootOf(runId)).status).toBe('completed');
    expect(Object.values(await under.times(runId))).toEqual(Array<number>(8).fill(1));
    narrow.close();
  });

  it('ends with its task: what was open of a cancelled one is cancelled, and nothing is born later', async () => {
    const runId = await under.begin([step('one'), step('two', { needs: ['one'] })]);
    await advancer.advance.advance({ tenantId: under.tenantId, runId });
    await under.cancel(runId);
    await under.play(runId, advancer);
    expect(await under.open(runId)).toEqual([]);
    expect(await under.steps(runId)).toEqual({ one: 'cancelled', two: 'cancelled' });
    expect(await under.times(runId)).toEqual({ 'one 0': 1 });
  });

  it('gives up when the key that submitted it is revoked', async () => {
    const other = await RunsUnderTest.start();
    const own = advancerOver(other.database);
    const runId = await other.begin([step('one'), step('two', { needs: ['one'] })]);
    await own.advance.advance({ tenantId: other.tenantId, runId });
    await other.server.query('update api_key set revoked_at = now()');
    await other.play(runId, own);
    expect(await other.rootOf(runId)).toMatchObject({ status: 'failed', error: { code: 'submitter_gone' } });
    expect(await other.times(runId)).toEqual({ 'one 0': 1 });
    own.close();
    await other.stop();
  });

  it('is found by the sweep when no message told of an end, and costs it nothing while it is quiet', async () => {
    const quiet = await Promise.all([1, 2, 3].map(() => under.begin([step('one'), step('two', { needs: ['one'] })])));
    for (const runId of quiet) await advancer.advance.advance({ tenantId: under.tenantId, runId });
    expect(await advancer.runs.due(0, 100)).toEqual([]);
    const [first = ''] = quiet;
    for (const { task_id } of await under.open(first)) await under.finish(task_id);
    expect(await advancer.runs.due(0, 100)).toEqual([{ tenantId: under.tenantId, runId: first }]);
    await Promise.all(quiet.map((runId) => under.cancel(runId)));
    for (const runId of quiet) await advancer.advance.advance({ tenantId: under.tenantId, runId });
    expect(await advancer.runs.due(0, 100)).toEqual([]);
  });

  it('waits for a time', async () => {
    const runId = await under.begin([{ name: 'pause', wait: { for_s: 3_600 } }, step('after', { needs: ['pause'] })]);
    await under.play(runId, advancer);
    expect(await under.steps(runId)).toEqual({ pause: 'running', after: 'pending' });
    expect(await advancer.runs.due(0, 100)).toEqual([]);
    await under.server.query(
      `with step as (update workflow_step set wakes_at = now() where run_id = $1 and name = 'pause')
       update workflow_run set due_at = now() where task_id = $1`,
      [runId],
    );
    expect(await advancer.runs.due(0, 100)).toEqual([{ tenantId: under.tenantId, runId }]);
    await under.play(runId, advancer);
    expect((await under.rootOf(runId)).status).toBe('completed');
  });

  it('is advanced by several workers at once, and each item becomes one task', async () => {
    const runId = await under.begin([
      step('many', { map: { over: Array.from({ length: 60 }, (_, n) => n), max_parallel: 7 } }),
      step('last', { needs: ['many'] }),
    ]);
    const workers = [advancer, advancerOver(under.database), advancerOver(under.database)];
    for (let round = 0; round < 40 && (await under.rootOf(runId)).status === 'waiting'; round += 1) {
      await Promise.all(workers.map(({ advance }) => advance.advance({ tenantId: under.tenantId, runId })));
      const open = await under.open(runId);
      expect(open.length).toBeLessThanOrEqual(7);
      for (const { task_id } of open) await under.finish(task_id);
    }
    expect((await under.rootOf(runId)).status).toBe('completed');
    const times = Object.values(await under.times(runId));
    expect([times.length, Math.max(...times)]).toEqual([61, 1]);
    for (const worker of workers.slice(1)) worker.close();
  });

  it('loses and doubles nothing when its worker is killed at any statement', async () => {
    const steps = [
      step('first'),
      step('many', { needs: ['first'], map: { over: [1, 2, 3], max_parallel: 2 } }),
      step('last', { needs: ['many'] }),
    ];
    const expected = { 'first 0': 1, 'many 0': 1, 'many 1': 1, 'many 2': 1, 'last 0': 1 };
    let at = 1;
    for (let isPast = false; !isPast; at += 1) {
      // Before a statement, or after it and before its answer: turn by turn, since one's end is mostly the other's beginning.
      const when = at % 2 === 0 ? 'after' : 'before';
      const runId = await under.begin(steps);
      const failing = new FailingDatabase(under.database, at, when);
      const killed = advancerOver(failing.asDatabase);
      await under.play(runId, killed).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      killed.close();
      isPast = failing.calls < at;
      await under.play(runId, advancer);
      expect([at, when, (await under.rootOf(runId)).status]).toEqual([at, when, 'completed']);
      expect([at, when, await under.times(runId)]).toEqual([at, when, expected]);
    }
    expect(at).toBeGreaterThan(30);
  }, 240_000);
});
