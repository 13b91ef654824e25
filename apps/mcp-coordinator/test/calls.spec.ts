import { approvalHash, approvalIdOf, askedApproval, newCallId, systemActor, Tenants } from '@pulser/context-bus';
import { ApprovalRules, type ApprovedCalls, Notice } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import type { Caller } from '../src/calls/view.policy.js';
import { type CallsOptions, CallsUnderTest, codeOf, tokens } from './calls-under-test.js';

const repo = { owner: 'octocat', repo: 'hello' };
const issue = { ...repo, title: 'It broke' };
const merge = { ...repo, number: 7 };

describe('a call of a tool', () => {
  let world: CallsUnderTest;

  beforeAll(async () => {
    world = await CallsUnderTest.start();
  });

  beforeEach(() => {
    world.fixture.received.length = 0;
    world.fixture.behaviour = 'answer';
  });

  afterAll(() => world.close());

  /** For what others would notice. */
  const fresh = async (options?: CallsOptions): Promise<void> => {
    await world.close();
    world = await CallsUnderTest.start(options);
  };

  it('goes with the credential of the tenant, tells how far it is, and is in the audit', async () => {
    const task = await world.task('dash');
    const heard: unknown[] = [];
    const reply = await world.call(task, 'github__repo_get', repo, { onProgress: (progress) => heard.push(progress) });
    expect(reply).toMatchObject({ ok: true, result: { structured: { ok: true } } });
    expect(heard).toEqual([{ done: 1, total: 2, message: 'half of it' }]);
    expect(world.fixture.received).toMatchObject([{ tool: 'repo_get', token: tokens.first, tenant: world.first }]);
    expect(await world.rows(task)).toMatchObject([
      {
        ...{ tool: 'github__repo_get', server: 'github', flag: 'read', agent: 'dash', task_id: task.taskId, epoch: 1 },
        ...{ principal: null, arguments: repo, outcome: 'done', duration_ms: expect.any(Number) as number },
      },
    ]);
  });

  describe('is refused, before anything reaches the server, with', () => {
    it.each([
      ['unknown_tool', 'github__nothing', repo],
      ['not_allowed', 'github__pr_merge', merge],
      ['invalid_args', 'github__repo_get', { owner: 'octocat' }],
      ['invalid_args', 'github__repo_get', { ...repo, more: 1 }],
      ['invalid_args', 'github__repo_get', { ...repo, owner: '../x' }],
      ['invalid_args', 'github__repo_get', { owner: JSON.parse('['.repeat(2_000) + ']'.repeat(2_000)) as unknown }],
      ['approval_required', 'github__workflow_dispatch', { ...repo, workflow: 'deploy' }],
    ])('%s: %s', async (code, tool, given) => {
      // In the view of echo, which does not have pr_merge.
      const task = await world.task('echo');
      const reply = await world.call(task, tool, given);
      expect(codeOf(reply)).toBe(code);
      expect(world.fixture.received).toEqual([]);
      expect(await world.rows(task)).toMatchObject([{ tool, outcome: code }]);
    });

    it('not_allowed: a key whose patterns leave it out', async () => {
      const usual = await world.holder();
      expect(codeOf(await world.call(usual, 'github__issue_create', issue))).toBe('not_allowed');
      expect(codeOf(await world.call(usual, 'github__repo_get', repo))).toBeUndefined();
      const wider = await world.holder(['github__issue_*']);
      expect(codeOf(await world.call(wider, 'github__issue_create', issue))).toBeUndefined();
      expect(codeOf(await world.call(wider, 'github__repo_get', repo))).toBe('not_allowed');
      expect(codeOf(await world.call({ ...wider, mayAct: false }, 'github__issue_create', issue))).toBe('not_allowed');
    });

    it('not_allowed: a task that is no longer with the worker', async () => {
      const task = await world.task();
      await world.server.query('update task_queue set epoch = 2 where task_id = $1', [task.taskId]);
      expect(codeOf(await world.call(task, 'github__issue_create', issue))).toBe('not_allowed');
      expect(world.fixture.received).toEqual([]);
    });

    it('not_configured: a tenant without a credential, which is told what to store', async () => {
      const task = await world.task('arkie', world.second);
      const reply = await world.call(task, 'github__repo_get', repo);
      expect(reply).toMatchObject({ ok: false, error: { code: 'not_configured' } });
      expect(JSON.stringify(reply)).toContain('GITHUB_TOKEN');
      expect(JSON.stringify(reply)).toContain('mcp-github-github-token');
      expect(world.fixture.received).toEqual([]);
    });
  });

  describe('that changes something', () => {
    it('is written down before it leaves, and is made once for its key', async () => {
      const task = await world.task();
      world.fixture.behaviour = 'hang';
      const gone = new AbortController();
      const calling = world.call(task, 'github__issue_create', issue, { signal: gone.signal, idempotencyKey: 'k' });
      await eventually(() => {
        expect(world.fixture.received).toHaveLength(1);
      });
      expect(await world.rows(task)).toMatchObject([
        { outcome: 'pending', flag: 'write', tool: 'github__issue_create' },
      ]);
      gone.abort();
      expect(await calling).toMatchObject({ ok: false, error: { code: 'timeout', may_have_run: true } });

      world.fixture.behaviour = 'answer';
      const again = await world.call(task, 'github__issue_create', issue, { idempotencyKey: 'k' });
      expect(again).toMatchObject({ ok: false, error: { code: 'upstream_error', may_have_run: true } });
      expect(world.fixture.received).toHaveLength(1);
    });

    it('hides in no row of another call: ids that callers choose count for what they are', async () => {
      const [task, other] = [await world.task(), await world.task()];
      const callId = newCallId();
      expect(codeOf(await world.call(task, 'github__issue_create', issue, { callId }))).toBeUndefined();
      expect(codeOf(await world.call(task, 'github__issue_create', issue, { callId }))).toBeUndefined();
      expect(world.fixture.received).toHaveLength(1);
      expect(codeOf(await world.call(other, 'github__issue_create', issue, { callId }))).toBe('invalid_args');
      expect(codeOf(await world.call(other, 'github__repo_get', repo, { callId }))).toBeUndefined();
      expect((await world.rows(task)).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
      expect((await world.rows(other)).map(({ outcome }) => outcome)).toEqual(['invalid_args', 'done']);
    });

    it('and was made gives its answer again, to whoever repeats it', async () => {
      for (const caller of [await world.task(), await world.holder(['*'])] as Caller[]) {
        const first = await world.call(caller, 'github__issue_create', issue, { idempotencyKey: 'k' });
        const again = await world.call(caller, 'github__issue_create', issue, { idempotencyKey: 'k' });
        expect([codeOf(first), codeOf(again)]).toEqual([undefined, undefined]);
        expect(again).toMatchObject({ result: { structured: { ok: true } } });
        const other = await world.call(
          caller,
          'github__issue_create',
          { ...issue, title: 'x' },
          { idempotencyKey: 'k' },
        );
        expect(other).toMatchObject({ ok: false, error: { code: 'invalid_args', key_spent: true } });
        expect((await world.rows(caller)).map(({ outcome }) => outcome)).toEqual(['done', 'done', 'invalid_args']);
      }
      expect(world.fixture.received).toHaveLength(2);
    });

    it('and has failed says at a repeat that its key is spent', async () => {
      const task = await world.task();
      world.fixture.behaviour = 'not_found';
      const first = await world.call(task, 'github__issue_create', issue, { idempotencyKey: 'k' });
      const again = await world.call(task, 'github__issue_create', issue, { idempotencyKey: 'k' });
      expect([codeOf(first), codeOf(again)]).toEqual(['upstream_error', 'upstream_error']);
      expect(again).toMatchObject({ error: { key_spent: true } });
      expect(first).not.toMatchObject({ error: { key_spent: true } });
      expect(world.fixture.received).toHaveLength(1);
    });

    it('may be made again where a repeat changes nothing more', async () => {
      const task = await world.task();
      world.fixture.behaviour = 'hang';
      const order = { ...repo, branch: 'b' };
      const gone = new AbortController();
      const calling = world.call(task, 'github__branch_create', order, { signal: gone.signal, idempotencyKey: 'k' });
      await eventually(() => {
        expect(world.fixture.received).toHaveLength(1);
      });
      gone.abort();
      expect(codeOf(await calling)).toBe('timeout');
      world.fixture.behaviour = 'answer';
      expect(codeOf(await world.call(task, 'github__branch_create', order, { idempotencyKey: 'k' }))).toBeUndefined();
      expect(await world.rows(task)).toMatchObject([{ outcome: 'done' }]);
    });

    it('is not made while the database is away, and a call that only reads is, as long as who calls is known', async () => {
      const task = await world.task();
      await world.call(task, 'github__repo_get', repo);
      await world.rows(task);
      world.way.cut();
      expect(codeOf(await world.call(task, 'github__issue_create', issue))).toBe('server_unavailable');
      expect(world.fixture.got('issue_create')).toEqual([]);
      expect(codeOf(await world.call(task, 'github__repo_get', repo))).toBeUndefined();
      world.way.mend();
      expect((await world.rows(task)).map(({ outcome }) => outcome)).toEqual(['done', 'server_unavailable', 'done']);
    });
  });

  describe('that persons have to approve', () => {
    it('outside a task is made once, by whoever asked, with the very same arguments', async () => {
      const holder = await world.holder(['*']);
      const asked = await world.call(holder, 'github__pr_merge', merge);
      expect(codeOf(asked)).toBe('approval_required');
      const approvalId = (asked.ok ? undefined : asked.error.approval_id) ?? '';
      const again = await world.call(holder, 'github__pr_merge', merge);
      expect(again).toMatchObject({ error: { approval_id: approvalId } });
      expect(world.asked).toContain(world.first);
      const repeat = (caller: Caller, given: object) => world.call(caller, 'github__pr_merge', given, { approvalId });

      expect(codeOf(await repeat(holder, merge))).toBe('approval_required');
      await world.approve(approvalId);
      expect(codeOf(await repeat(holder, { ...merge, number: 8 }))).toBe('approval_required');
      expect(codeOf(await repeat(await world.holder(['*']), merge))).toBe('approval_required');
      expect(codeOf(await repeat(await world.task(), merge))).toBe('approval_required');
      expect(world.fixture.received).toEqual([]);

      expect(codeOf(await repeat(holder, merge))).toBeUndefined();
      expect(codeOf(await repeat(holder, merge))).toBeUndefined();
      expect(world.fixture.received).toHaveLength(1);
    });

    it('outside a task is told once to the destinations that the tenant names', async () => {
      const tenantId = await new Tenants(world.database).ensure('third');
      const notify = ['deciders', 'not-confirmed', 'not-there'];
      const value = [{ tool: 'github__pr_*', notify }, { tool: '*' }];
      await world.settings.put(tenantId, systemActor('test'), { name: 'tool-approvals', value, expected: 'whatever' });
      await world.server.query(
        `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
         select t, n, 'email', '{"to": "a@example.com"}', case when n <> 'not-confirmed' then now() end, 'test'
         from unnest($1::uuid[]) t, unnest(array['deciders', 'others', 'not-confirmed']) n`,
        [[tenantId, world.second]],
      );
      const holder = await world.holder(['*'], tenantId);
      const asked = await Promise.all(Array.from({ length: 4 }, () => world.call(holder, 'github__pr_merge', merge)));
      asked.push(await world.call(holder, 'github__pr_merge', merge));
      expect(await world.call(holder, 'github__workflow_dispatch', { ...repo, workflow: 'deploy' })).toMatchObject({
        error: { code: 'approval_required' },
      });
      const ids = new Set(asked.map((reply) => (reply.ok ? undefined : reply.error.approval_id)));
      expect(ids.size).toBe(1);

      const sent = await world.server.query<{ name: string; kind: string; content: unknown; state: string }>(
        `select d.name, n.kind, n.content, e.state from notification n
         join notification_delivery e using (tenant_id, notification_id) join destination d using (tenant_id, destination_id)
         where n.kind = 'approval'`,
      );
      const [approvalId] = ids;
      expect(sent).toMatchObject([{ name: 'deciders', state: 'pending' }]);
      // As the health service reads it.
      expect(Notice.parse(sent[0])).toMatchObject({
        kind: 'approval',
        content: {
          ...{ approval_id: approvalId, task_id: null, title: 'ci wants to call github__pr_merge', needed: 1 },
          ...{
            text: expect.stringContaining('octocat') as string,
            link: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          },
        },
      });
    });

    it('in a task is bound to what the task has waited for', async () => {
      const task = await world.task();
      expect(await world.call(task, 'github__pr_merge', merge)).toMatchObject({ error: { code: 'approval_required' } });
      const place = { key: 'tool:x', taskType: 'infrastructure', step: '', iteration: 0 };
      const subject = { ...place, operation: 'github__pr_merge', arguments: merge };
      const { hash } = askedApproval('Call', subject, ApprovalRules.parse({}));
      const approvalId = approvalIdOf(task.taskId, approvalHash(subject));
      await world.server.query(
        `insert into approval (tenant_id, approval_id, task_id, root_id, task_type, operation, wait_key, title, arguments,
           hash, requesters, expires_at, status)
         values ($1, $2, $3, $3, 'infrastructure', 'github__pr_merge', 'tool:x', 'Call', '{}', decode($4, 'hex'), '{}',
           now() + interval '1 day', 'approved')`,
        [world.first, approvalId, task.taskId, hash],
      );
      const made = (given: object) => world.call(task, 'github__pr_merge', given, { approvalId });
      expect(codeOf(await made({ ...merge, number: 8 }))).toBe('approval_required');
      expect(codeOf(await made(merge))).toBeUndefined();
      expect(codeOf(await made(merge))).toBeUndefined();
      expect(world.fixture.got('pr_merge')).toHaveLength(1);
    });

    it('may be among several that were approved together: each once, and no other', async () => {
      const task = await world.task();
      const other = { ...merge, number: 8 };
      const approved_calls = {
        reason: 'a release',
        calls: [
          { tool: 'github__pr_merge', arguments: merge },
          { tool: 'github__pr_merge', arguments: other },
        ],
      };
      const place = { key: 'release', taskType: 'infrastructure', step: '', iteration: 0 };
      const hash = approvalHash({ ...place, operation: 'tools.call', arguments: approved_calls });
      const approvalId = approvalIdOf(task.taskId, hash);
      await world.server.query(
        `insert into approval (tenant_id, approval_id, task_id, root_id, task_type, operation, wait_key, title, arguments,
           hash, requesters, expires_at, status)
         values ($1, $2, $3, $3, 'infrastructure', 'tools.call', 'release', 'Release', '{}', decode($4, 'hex'), '{}',
           now() + interval '1 day', 'approved')`,
        [world.first, approvalId, task.taskId, hash],
      );
      const made = (given: object, approvedCalls: ApprovedCalls | undefined = approved_calls) =>
        world.call(task, 'github__pr_merge', given, { approvalId, approvedCalls });
      const third = { ...merge, number: 9 };
      const withThird = { ...approved_calls, calls: [{ tool: 'github__pr_merge', arguments: third }] };
      expect(codeOf(await made(third))).toBe('approval_required');
      expect(codeOf(await made(third, withThird))).toBe('approval_required');
      expect(codeOf(await world.call(task, 'github__pr_merge', merge, { approvalId }))).toBe('approval_required');
      expect(world.fixture.got('pr_merge')).toEqual([]);

      for (const given of [merge, other, merge, other]) expect(codeOf(await made(given))).toBeUndefined();
      expect(world.fixture.got('pr_merge')).toHaveLength(2);
    });

    it('is what the tenant says', async () => {
      const value = [
        { tool: 'github__pr_merge', ask: false },
        { tool: 'read', ask: true },
      ];
      const setting = { name: 'tool-approvals', value, expected: 'whatever' } as const;
      await world.settings.put(world.second, systemActor('test'), setting);
      const holder = await world.holder(['*'], world.second);
      expect(codeOf(await world.call(holder, 'github__pr_merge', merge))).toBe('not_configured');
      expect(codeOf(await world.call(holder, 'github__repo_get', repo))).toBe('approval_required');
    });
  });

  describe('whose server', () => {
    it('is away fails with server_unavailable, and waits for one that comes back', async () => {
      const task = await world.task();
      world.end();
      expect(codeOf(await world.call(task, 'github__repo_get', repo))).toBe('unknown_tool');
      world.begin();
      await eventually(async () => {
        expect(codeOf(await world.call(task, 'github__repo_get', repo))).toBeUndefined();
      });
    });

    it('fails again and again is left alone for a while; refused calls do not count', async () => {
      const task = await world.task();
      const branch = () => world.call(task, 'github__branch_create', { ...repo, branch: 'b' }).then(codeOf);
      world.fixture.behaviour = 'not_found';
      for (let n = 0; n < 8; n += 1) expect(await branch()).toBe('upstream_error');
      world.fixture.behaviour = 'break';
      for (let n = 0; n < 5; n += 1) await branch();
      const asked = world.fixture.received.length;
      expect(await branch()).toBe('server_unavailable');
      expect(world.fixture.received).toHaveLength(asked);
      world.fixture.behaviour = 'answer';
      // Another tool of it is another breaker.
      expect(codeOf(await world.call(task, 'github__repo_get', repo))).toBeUndefined();
    });

    it('answers in another shape, or says the credential, fails or hides it', async () => {
      const task = await world.task();
      world.fixture.behaviour = 'other_shape';
      expect(codeOf(await world.call(task, 'github__repo_get', repo))).toBe('upstream_error');
      world.fixture.behaviour = 'leak';
      const leaked = await world.call(task, 'github__repo_get', repo);
      world.fixture.behaviour = 'break';
      const broken = await world.call(task, 'github__repo_get', { ...repo, repo: tokens.first });
      const rows = await world.rows(task);
      expect([leaked.ok, broken.ok]).toEqual([true, false]);
      expect(JSON.stringify([leaked, broken, rows]) + world.lines.join('\n')).not.toContain(tokens.first);
    });

    it('hangs ends the call at its deadline, and holds no more than its places', async () => {
      await fresh({ places: { running: 2, waiting: 1 } });
      world.fixture.behaviour = 'hang';
      const task = await world.task();
      const late = { deadline: Date.now() + 400 };
      const all = [1, 2, 3, 4].map(() => world.call(task, 'github__repo_get', repo, late));
      expect((await Promise.all(all)).map(codeOf).sort()).toEqual(['rate_limited', 'timeout', 'timeout', 'timeout']);
      world.fixture.behaviour = 'answer';
      expect(codeOf(await world.call(task, 'github__repo_get', repo))).toBeUndefined();
    });
  });

  it('of another tenant never goes with the credential of the first; that of the operator serves reading alone', async () => {
    await fresh({ operator: true });
    const second = await world.task('pulser', world.second);
    const given: Record<string, object> = {
      repo_get: repo,
      issue_create: issue,
      branch_create: { ...repo, branch: 'b' },
      workflow_dispatch: { ...repo, workflow: 'w' },
      pr_merge: merge,
    };
    for (const { name } of world.fixture.definition.tools)
      await world.call(second, `github__${name}`, given[name] ?? {});
    expect(world.fixture.received.map(({ tool, token }) => [tool, token])).toEqual([['repo_get', tokens.operator]]);
    const outcomes = (await world.rows(world.second)).map(({ tool, outcome }) => [tool, outcome]);
    expect(outcomes).toEqual([
      ['github__repo_get', 'done'],
      ['github__issue_create', 'not_configured'],
      ['github__branch_create', 'not_configured'],
      ['github__workflow_dispatch', 'approval_required'],
      ['github__pr_merge', 'approval_required'],
    ]);
  });
});
