import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  ApprovalDecisions,
  ApprovalReads,
  type ApprovalRow,
  type Decider,
  type NewTask,
  systemActor,
} from '@pulser/context-bus';
import { eventually } from '@pulser/testing';
import { calls, inTurn, ModelServer, says } from '@pulser/testing/models';

import { runOperation } from '../src/testing/run-operation.js';
import { approvalInlineSkill, approvalSkill } from './approval.skill.js';
import { Router } from './router.js';
import { Worker } from './worker.js';

const requested: Partial<NewTask> = { submitted_by: 'alan', submitter: { role: 'operator' } };

describe.each([
  ['in its own thread', approvalInlineSkill],
  ['in threads of theirs', approvalSkill],
])('approvals that handlers ask for, %s', (_where, skill) => {
  let worker: Worker;
  let router: Router;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pulser-approvals-'));
    worker = await Worker.start({ CONCURRENCY: '1' }, skill);
    router = new Router(worker);
  });

  afterAll(async () => {
    await router.stop();
    await worker.stop();
    await rm(folder, { recursive: true });
  });

  const ada = (): Decider => ({ tenantId: worker.tenantId, id: 'ada', name: 'ada', role: 'approver' });

  const linesOf = async (file: string): Promise<string[]> =>
    (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

  const waiting = (taskId: string, count = 1): Promise<ApprovalRow> =>
    eventually(async () => {
      const all = await new ApprovalReads(worker.database).page(ada(), {
        ...{ status: undefined, task: taskId, after: undefined, limit: 10 },
      });
      expect(all).toHaveLength(count);
      const [newest] = all;
      if (newest?.status !== 'waiting') throw new Error('It does not wait');
      return newest;
    });

  const decide = (approvalId: string, verdict: 'approved' | 'denied', decider = ada()) =>
    new ApprovalDecisions(worker.database).decide(decider, systemActor('test'), approvalId, {
      ...{ verdict, comment: 'because', hash: undefined },
    });

  it('run an operation once it is approved, once, and never before', async () => {
    const file = path.join(folder, `wiped-${crypto.randomUUID()}`);
    const taskId = await worker.submit({ operation: 'wipe', table: 'sales', file }, requested);
    const one = await waiting(taskId);
    expect(one).toMatchObject({
      title: 'Wipe sales',
      operation: 'wipe',
      arguments: { table: 'sales', operation: 'wipe' },
    });
    await worker.reaches(taskId, 'waiting');
    expect(await linesOf(file)).toEqual([]);
    const alan = { ...ada(), id: 'alan' };
    expect(await decide(one.approvalId, 'approved', alan)).toMatchObject({ kind: 'refused', refusal: 'self_approval' });
    const clicks = await Promise.all(Array.from({ length: 5 }, () => decide(one.approvalId, 'approved')));
    expect(clicks.map(({ kind }) => kind).sort()).toEqual(['counted', 'repeated', 'repeated', 'repeated', 'repeated']);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { wiped: 'sales' }, attempts: 1 });
    expect(await linesOf(file)).toEqual(['sales']);
    const [used] = await worker.server.query(
      'select used_at is not null as used from approval where approval_id = $1',
      [one.approvalId],
    );
    expect(used).toEqual({ used: true });
  });

  it('fail it when it is denied, and do not ask where the operation says that it need not', async () => {
    const file = path.join(folder, `wiped-${crypto.randomUUID()}`);
    const denied = await worker.submit({ operation: 'wipe', table: 'sales', file }, requested);
    await decide((await waiting(denied)).approvalId, 'denied');
    const { error } = await worker.reaches(denied, 'failed');
    expect(error).toMatchObject({ code: 'approval_denied', message: 'It was not approved: because', permanent: true });
    const dry = await worker.submit({ operation: 'wipe', table: 'copy', file, dry: true }, requested);
    await worker.reaches(dry, 'completed');
    expect(await linesOf(file)).toEqual(['copy']);
  });

  it('are asked for again with other arguments: what was approved does not count for them', async () => {
    const file = path.join(folder, `fickle-${crypto.randomUUID()}`);
    const taskId = await worker.submit({ operation: 'fickle', file }, requested);
    const first = await waiting(taskId);
    await decide(first.approvalId, 'approved');
    const second = await waiting(taskId, 2);
    expect(second.approvalId).not.toBe(first.approvalId);
    expect(second.arguments).not.toEqual(first.arguments);
    await worker.cancel(taskId);
    const [row] = await worker.server.query('select status from approval where approval_id = $1', [second.approvalId]);
    expect(row).toEqual({ status: 'withdrawn' });
  });

  it('are two for two places that ask for the same, and expire', async () => {
    const taskId = await worker.submit({ operation: 'twice', expires_s: 60 }, requested);
    const first = await waiting(taskId);
    await decide(first.approvalId, 'approved');
    const second = await waiting(taskId, 2);
    await worker.server.query('update approval set expires_at = now() where approval_id = $1', [second.approvalId]);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: ['approved', 'expired'], attempts: 1 });
  });
});

describe('an operation that asks for approval, in the test kit', () => {
  const payload = { operation: 'wipe', table: 'sales', file: '/dev/null' };

  it('is suspended until the test approves it', async () => {
    const { suspended } = await runOperation(approvalSkill, payload);
    expect(suspended).toMatchObject({
      key: 'approval',
      what: { approval: { title: 'Wipe sales', arguments: payload } },
    });
    const { result } = await runOperation(approvalSkill, payload, { approvals: { approval: 'approved' } });
    expect(result).toEqual({ wiped: 'sales' });
    const expired = runOperation(approvalSkill, payload, { approvals: { approval: 'expired' } });
    await expect(expired).rejects.toMatchObject({ code: 'approval_expired' });
  });
});

describe('a model that calls an operation which asks for approval', () => {
  it('waits for persons, and goes on when they have decided; what it says decides nothing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'pulser-approvals-'));
    const file = path.join(folder, 'wiped');
    const server = await ModelServer.start(
      inTurn(
        calls(
          { name: 'wipe', arguments: { table: 'sales', file } },
          { name: 'approve', arguments: { approved: true } },
        ),
        says('It is wiped.'),
      ),
    );
    const prices = JSON.stringify({ tester: { input: 0, output: 0 } });
    const env = { LLM_BASE_URL: server.url, LLM_MODEL: 'tester', LLM_PRICES: prices, CONCURRENCY: '1' };
    const worker = await Worker.start(env, approvalSkill);
    const router = new Router(worker);
    try {
      const payload = { operation: 'ask', question: 'Wipe it, I approve it myself', tools: ['wipe'] };
      const taskId = await worker.submit(payload, requested);
      await worker.reaches(taskId, 'waiting');
      expect(await readFile(file, 'utf8').catch(() => '')).toBe('');
      const decider: Decider = { tenantId: worker.tenantId, id: 'ada', name: 'ada', role: 'approver' };
      const filter = { status: 'waiting', task: taskId, after: undefined, limit: 10 } as const;
      const [one] = await new ApprovalReads(worker.database).page(decider, filter);
      expect(one).toMatchObject({
        title: 'Wipe sales',
        operation: 'wipe',
        arguments: { operation: 'wipe', table: 'sales' },
      });
      await new ApprovalDecisions(worker.database).decide(decider, systemActor('test'), one?.approvalId ?? '', {
        ...{ verdict: 'approved', comment: undefined, hash: undefined },
      });
      const { result } = await worker.reaches(taskId, 'completed');
      expect(result).toMatchObject({ answer: 'It is wiped.', tools: [{ tool: 'wipe', ok: true }, { ok: false }] });
      expect(await readFile(file, 'utf8')).toBe('sales\n');
      expect(server.asked).toHaveLength(2);
    } finally {
      await router.stop();
      await worker.stop();
      await server.stop();
      await rm(folder, { recursive: true });
    }
  });
});
