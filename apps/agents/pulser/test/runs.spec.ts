import { type ReusedStep, RunReads } from '@pulser/context-bus';
import { WorkflowDefinition } from '@pulser/contracts';

import { FailingDatabase, Killed } from './failing-database.js';
import { type Advancer, advancerOver, newRun, RunsUnderTest } from './runs-under-test.js';

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
      error: { message: 'The step a failed (value_missing: The path finds nothing (at /payload/n))' },
    });
    const refused = await under.begin([step('b', { payload: { operation: 'do', n: 'no number' } })]);
    await under.play(refused, advancer);
    expect(await under.rootOf(refused)).toMatchObject({
      status: 'failed',
      error: { message: 'The step b failed (invalid_payload)' },
    });
  });

  it('gives its tasks their keys, which may be those of items', async () => {
    const concurrency = { key: 'reports', limit: 2 };
    const runId = await under.begin([
      step('many', { map: { over: ['x', 'y', 'x'] }, concurrency, unique: { key: path('$.item'), window_s: 60 } }),
    ]);
    await advancer.advance.advance({ tenantId: under.tenantId, runId });
    const tasks = await under.server.query(
      `select status, concurrency_key as key, concurrency_limit as "limit", unique_key as "unique" from task_queue
       where parent_id = $1 order by unique_key`,
      [runId],
    );
    const waiting = { status: 'waiting', key: 'reports', limit: 2 };
    expect(tasks).toEqual([
      { ...waiting, unique: 'x' },
      { ...waiting, unique: 'y' },
    ]);
    await under.play(runId, advancer);
    expect(await under.rootOf(runId)).toMatchObject({
      status: 'completed',
      result: { steps: { many: { total: 3, completed: 3, failed: 0 } } },
    });
    const broken = await under.begin([step('bad', { unique: { key: { $cel: '{"a": 1}' }, window_s: 60 } })]);
    await under.play(broken, advancer);
    expect(await under.rootOf(broken)).toMatchObject({ status: 'failed', error: { code: 'step_failed' } });
  });

  it('ends a step as the earlier task of its unique key ends, also one of another run', async () => {
    const unique = { key: 'refresh', window_s: 3_600 };
    const first = await under.begin([step('refresh', { unique })]);
    await advancer.advance.advance({ tenantId: under.tenantId, runId: first });
    const again = { needs: ['refresh'], payload: { operation: 'do', rows: path('$.steps.refresh.result.rows') } };
    const second = await under.begin([step('refresh', { unique }), step('after', again)]);
    await advancer.advance.advance({ tenantId: under.tenantId, runId: second });
    expect(await under.times(second)).toEqual({});
    expect(
      await under.server.query('select due_at > now() as waits from workflow_run where task_id = $1', [second]),
    ).toEqual([{ waits: true }]);
    await under.play(first, advancer, () => ({ result: { rows: 7 } }));
    await under.play(second, advancer);
    expect((await under.rootOf(second)).status).toBe('completed');
    expect(await under.times(second)).toEqual({ 'after 0': 1 });
    expect((await payloadsOf(second))['after 0']).toMatchObject({ rows: 7 });
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

  it('asks for approvals by tasks of their own: each branch for itself, and none where a condition skips it', async () => {
    const gate = (name: string, more: object = {}) => ({
      ...{ name, approval: { title: `Go ${name}`, arguments: { n: { $cel: '6 * 7' } }, needed: 2 } },
      ...more,
    });
    const runId = await under.begin([
      gate('left'),
      gate('right'),
      gate('never', { when: 'false' }),
      step('after_left', { needs: ['left', 'never'] }),
      step('after_right', { needs: ['right'], on_failure: 'continue' }),
    ]);
    await advancer.advance.advance({ tenantId: under.tenantId, runId });
    const open = await under.open(runId);
    expect(open.map(({ step: name }) => name)).toEqual(['left', 'right']);
    expect((await payloadsOf(runId))['left 0']).toMatchObject({
      ...{ operation: 'approve', step: 'left', title: 'Go left', arguments: { n: 42 }, needed: 2, role: 'approver' },
    });
    for (const task of open) {
      if (task.step === 'left') await under.finish(task.task_id);
    }
    await advancer.advance.advance({ tenantId: under.tenantId, runId });
    expect((await under.open(runId)).map(({ step: name }) => name)).toEqual(['after_left', 'right']);
    expect(await under.steps(runId)).toMatchObject({ never: 'skipped', after_right: 'pending' });
    for (const task of await under.open(runId)) {
      await under.finish(task.task_id, task.step === 'right' ? { code: 'approval_denied' } : undefined);
    }
    await under.play(runId, advancer);
    expect(await under.rootOf(runId)).toMatchObject({
      ...{ status: 'failed', error: { message: expect.stringContaining('approval_denied') as string } },
    });
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

  it('waits for signals: one that came early, one that comes later, each for one step', async () => {
    const gate = (name: string, needs: readonly string[] = []) => ({ name, needs, wait: { signal: 'approved' } });
    const runId = await under.begin([
      step('first'),
      gate('one', ['first']),
      gate('two', ['first']),
      step('last', {
        needs: ['one', 'two'],
        when: 'steps.two.result.body.ok',
        payload: { operation: 'do', note: path('$.steps.one.result.body.note') },
      }),
    ]);
    await under.signal(runId, 'approved', { note: 'early' });
    await under.play(runId, advancer);
    expect(await under.steps(runId)).toEqual({ first: 'completed', one: 'completed', two: 'running', last: 'pending' });
    expect(await advancer.runs.due(0, 100)).toEqual([]);
    await under.signal(runId, 'approved', { ok: true });
    expect(await advancer.runs.due(0, 100)).toEqual([{ tenantId: under.tenantId, runId }]);
    await under.play(runId, advancer);
    expect(await under.rootOf(runId)).toMatchObject({ status: 'completed' });
    expect((await payloadsOf(runId))['last 0']).toEqual({ operation: 'do', note: 'early' });
    expect(await under.server.query('select taken_by from task_signal where task_id = $1 order by 1', [runId])).toEqual(
      [{ taken_by: 'one' }, { taken_by: 'two' }],
    );
  });

  it('gives up a signal that does not come in time', async () => {
    const gate = { name: 'gate', wait: { signal: 'approved', within_s: 60 }, on_failure: 'continue' };
    const runId = await under.begin([gate, step('after', { needs: ['gate'], when: 'steps.gate.status == "failed"' })]);
    await under.play(runId, advancer);
    await under.server.query(
      `with step as (update workflow_step set wakes_at = now() where run_id = $1 and name = 'gate')
       update workflow_run set due_at = now() where task_id = $1`,
      [runId],
    );
    await under.play(runId, advancer);
    expect(await under.steps(runId)).toEqual({ gate: 'failed', after: 'completed' });
    expect(
      await under.server.query(`select code from workflow_step where run_id = $1 and name = 'gate'`, [runId]),
    ).toEqual([{ code: 'signal_timeout' }]);
  });

  it('keeps the signal of a step that is not done again', async () => {
    const steps = [{ name: 'gate', wait: { signal: 'approved' } }, step('after', { needs: ['gate'] })];
    const runId = await under.begin(steps);
    await under.signal(runId, 'approved', { by: 'Ann' });
    await under.play(runId, advancer, () => ({ code: 'no_luck' }));
    const [kept] = (await new RunReads(under.database).former(under.tenantId, runId)).filter(
      ({ step: s }) => s === 'gate',
    );
    expect(kept).toMatchObject({ status: 'completed', result: { name: 'approved', body: { by: 'Ann' } } });
    const again = await under.root();
    const payload = { operation: 'do', by: path('$.steps.gate.result.body.by') };
    const definition = WorkflowDefinition.parse({ steps: [steps[0], step('after', { needs: ['gate'], payload })] });
    await under.suspend(again, definition, {}, [{ ...kept, status: 'completed', missing: [] } as ReusedStep]);
    await under.play(again, advancer);
    expect((await payloadsOf(again))['after 0']).toEqual({ operation: 'do', by: 'Ann' });
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
      { name: 'gate', needs: ['many'], wait: { signal: 'go' } },
      step('last', { needs: ['gate'] }),
    ];
    const expected = { 'first 0': 1, 'many 0': 1, 'many 1': 1, 'many 2': 1, 'last 0': 1 };
    let at = 1;
    for (let isPast = false; !isPast; at += 1) {
      // Before a statement, or after it and before its answer: turn by turn, since one's end is mostly the other's beginning.
      const when = at % 2 === 0 ? 'after' : 'before';
      const runId = await under.begin(steps);
      await under.signal(runId, 'go', {});
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
    expect(at).toBeGreaterThan(20);
  }, 240_000);

  it('begins with its first steps, of which none is lost or doubled when its worker is killed at any statement', async () => {
    const steps = [step('one'), step('two'), step('last', { needs: ['one', 'two'] })];
    let at = 1;
    for (let isPast = false; !isPast; at += 1) {
      const when = at % 2 === 0 ? 'after' : 'before';
      const runId = await under.root();
      const failing = new FailingDatabase(under.database, at, when);
      const killed = advancerOver(failing.asDatabase);
      await under.attempt(runId, newRun(steps), killed.begins, failing.asDatabase).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      killed.close();
      isPast = failing.calls < at;
      await under.loseWorker(runId);
      if ((await under.rootOf(runId)).status === 'queued')
        await under.attempt(runId, newRun(steps), advancer.begins, under.database);
      await under.play(runId, advancer);
      expect([at, when, (await under.rootOf(runId)).status]).toEqual([at, when, 'completed']);
      expect([at, when, await under.times(runId)]).toEqual([at, when, { 'one 0': 1, 'two 0': 1, 'last 0': 1 }]);
    }
    expect(at).toBeGreaterThan(5);
  }, 120_000);

  it('goes on when its first step ends while its handler still has the task, and ends only after that', async () => {
    const runId = await under.root();
    const begins = {
      begin: async (...given: Parameters<Advancer['begins']['begin']>) => {
        const begun = await advancer.begins.begin(...given);
        for (const { task_id } of await under.open(runId)) await under.finish(task_id);
        await advancer.advance.advance({ tenantId: under.tenantId, runId });
        expect((await under.open(runId)).map((task) => task.step)).toEqual(['two']);
        for (const { task_id } of await under.open(runId)) await under.finish(task_id);
        await advancer.advance.advance({ tenantId: under.tenantId, runId });
        expect((await under.rootOf(runId)).status).toBe('running');
        return begun;
      },
    };
    await under.attempt(runId, newRun([step('one'), step('two', { needs: ['one'] })]), begins, under.database);
    expect(await advancer.runs.due(0, 100)).toEqual([{ tenantId: under.tenantId, runId }]);
    await under.play(runId, advancer);
    expect(await under.rootOf(runId)).toMatchObject({ status: 'completed' });
    expect(await advancer.runs.due(0, 100)).toEqual([]);
  });

  it('takes a signal that came before it began, and gets no message about what it knows', async () => {
    const early = await under.root();
    await under.signal(early, 'go', {});
    const steps = [step('one'), { name: 'gate', wait: { signal: 'go' } }];
    await under.attempt(early, newRun(steps), advancer.begins, under.database);
    expect(await advancer.runs.due(0, 100)).toEqual([{ tenantId: under.tenantId, runId: early }]);
    await under.play(early, advancer);
    expect((await under.rootOf(early)).status).toBe('completed');
    const quiet = await under.beginDecided(advancer, [step('one')]);
    expect(await advancer.runs.due(0, 100)).toEqual([]);
    expect(await under.times(quiet)).toEqual({ 'one 0': 1 });
    await under.play(quiet, advancer);
  });

  it('begins without a decision where there is more to decide', async () => {
    for (const first of [
      step('broken', { payload: { operation: 'do', n: path('$.inputs.nothing') }, on_failure: 'continue' }),
      step('refused', { payload: { operation: 'do', n: 'no number' }, on_failure: 'continue' }),
      step('skipped', { when: 'false' }),
    ]) {
      const runId = await under.beginDecided(advancer, [first, step('last', { needs: [first.name] })]);
      await under.play(runId, advancer);
      expect([first.name, (await under.rootOf(runId)).status]).toEqual([first.name, 'completed']);
      expect(await under.times(runId)).toMatchObject({ 'last 0': 1 });
    }
  });

  it('costs three statements and a commit for each step', async () => {
    const counted = new FailingDatabase(under.database, Infinity, 'after');
    const worker = advancerOver(counted.asDatabase);
    const calls: number[] = [];
    const count = async (work: () => Promise<unknown>): Promise<void> => {
      const before = counted.calls;
      await work();
      calls.push(counted.calls - before);
    };
    // The types of tasks and the quotas are known, as in a process that has worked before.
    await under.play(await under.beginDecided(worker, [step('before')]), worker);
    const runId = await under.root();
    const chain = [step('a'), step('b', { needs: ['a'] }), step('c', { needs: ['b'] })];
    await count(() => under.attempt(runId, newRun(chain), worker.begins, under.database));
    for (let n = 0; n < 3; n += 1) {
      for (const { task_id } of await under.open(runId)) await under.finish(task_id);
      await count(() => worker.advance.advance({ tenantId: under.tenantId, runId }));
    }
    worker.close();
    expect((await under.rootOf(runId)).status).toBe('completed');
    // A look, the transaction, its tasks, the decision; the last: a look, the decision, the end of the task.
    expect(calls).toEqual([4, 4, 4, 3]);
  });
});
