// Tools of MCP servers in a task: what a worker sends to the coordinator, what it does with the answers, and what a model gets.
import { ApprovalDecisions, ApprovalReads, type Decider, type NewTask, systemActor } from '@pulser/context-bus';
import { exchange, queue, type ToolCallOrder, type ToolCallReply } from '@pulser/contracts';
import type { Delivery } from '@pulser/messaging';
import { eventually } from '@pulser/testing';

import { runAsk } from '../src/testing/run-ask.js';
import { Router } from './router.js';
import { toolsInlineSkill, toolsSkill } from './tools.skill.js';
import { Worker } from './worker.js';

const requested: Partial<NewTask> = { submitted_by: 'alan', submitter: { role: 'operator' } };

const done = (order: ToolCallOrder): ToolCallReply => ({
  ok: true,
  result: { call_id: order.call_id, content: [], structured: { did: order.tool } },
});

const failed = (code: 'approval_required' | 'server_unavailable' | 'not_allowed', more = {}): ToolCallReply => ({
  ok: false,
  error: { code, message: 'so it is', call_id: null, ...more },
});

describe.each([
  ['in its own thread', toolsInlineSkill],
  ['in threads of theirs', toolsSkill],
])('tools that handlers call, %s', (_where, skill) => {
  let worker: Worker;
  let router: Router;
  const orders: { readonly order: ToolCallOrder; readonly delivery: Delivery }[] = [];
  const cancelled: unknown[] = [];
  let answer: (order: ToolCallOrder) => ToolCallReply | undefined;

  beforeAll(async () => {
    worker = await Worker.start({ CONCURRENCY: '1' }, skill);
    router = new Router(worker);
    await worker.client.consume({ queue: queue.toolCalls, bindings: [], prefetch: 10 }, (delivery) => {
      const order = JSON.parse(delivery.body.toString()) as ToolCallOrder;
      orders.push({ order, delivery });
      const reply = answer(order);
      if (reply !== undefined) void delivery.reply({ body: Buffer.from(JSON.stringify(reply)) });
      delivery.ack();
    });
    const ends = [{ exchange: exchange.events.name, pattern: 'tool.cancelled' }];
    await worker.client.consume({ queue: { temporaryFor: 'ends' }, bindings: ends, prefetch: 10 }, (delivery) => {
      cancelled.push(JSON.parse(delivery.body.toString()));
      delivery.ack();
    });
  });

  beforeEach(() => {
    orders.length = 0;
    answer = done;
  });

  afterAll(async () => {
    await router.stop();
    await worker.stop();
  });

  const grace = (): Decider => ({ tenantId: worker.tenantId, id: 'grace', name: 'grace', role: 'approver' });

  it('are called in the name of the claim, as the worker that has it', async () => {
    const taskId = await worker.submit({ operation: 'read' });
    await worker.dispatch(taskId);
    const { result } = await worker.reaches(taskId, 'completed');
    expect(result).toEqual({ did: 'github__repo_get' });
    expect(orders).toHaveLength(1);
    const caller = { kind: 'task', tenant_id: worker.tenantId, task_id: taskId, epoch: 1 };
    expect(orders[0]?.order).toMatchObject({ caller, tool: 'github__repo_get', arguments: { repo: 'a' } });
    expect(orders[0]?.order).not.toHaveProperty('idempotency_key');
    expect(orders[0]?.delivery).toMatchObject({ sender: 'worker-dash', isRequest: true });
  });

  it('that change something wait for persons, and are then made with their approval', async () => {
    answer = (order) => (order.approval_id === undefined ? failed('approval_required') : done(order));
    const taskId = await worker.submit({ operation: 'merge' }, requested);
    await worker.reaches(taskId, 'waiting');
    const all = await new ApprovalReads(worker.database).page(grace(), {
      ...{ status: undefined, task: taskId, after: undefined, limit: 10 },
    });
    expect(all).toMatchObject([{ operation: 'github__pr_merge', arguments: { number: 7 }, status: 'waiting' }]);
    const approvalId = all[0]?.approvalId ?? '';
    const verdict = { verdict: 'approved', comment: undefined, hash: undefined } as const;
    await new ApprovalDecisions(worker.database).decide(grace(), systemActor('test'), approvalId, verdict);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { did: 'github__pr_merge' } });
    expect(orders.map(({ order }) => order.approval_id)).toEqual([undefined, undefined, approvalId]);
    expect(new Set(orders.map(({ order }) => order.idempotency_key)).size).toBe(1);
    expect(orders[0]?.order.idempotency_key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('that are approved together wait once, and are each made with that approval', async () => {
    const taskId = await worker.submit({ operation: 'release' }, requested);
    await worker.reaches(taskId, 'waiting');
    expect(orders).toEqual([]);
    const [asked] = await new ApprovalReads(worker.database).page(grace(), {
      ...{ status: undefined, task: taskId, after: undefined, limit: 10 },
    });
    const calls = [8, 9].map((number) => ({ tool: 'github__pr_merge', arguments: { number } }));
    const approved = { why: 'it is Monday', calls };
    expect(asked).toMatchObject({ title: 'Release both', operation: 'tools.call', arguments: approved });
    const approvalId = asked?.approvalId ?? '';
    const verdict = { verdict: 'approved', comment: undefined, hash: undefined } as const;
    await new ApprovalDecisions(worker.database).decide(grace(), systemActor('test'), approvalId, verdict);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { approved: approvalId } });
    expect(orders.map(({ order }) => [order.arguments, order.approval_id, order.approved_calls])).toEqual(
      calls.map((call) => [call.arguments, approvalId, approved]),
    );
  });

  it('that fail fail the attempt with the code of the call, for good only where another one cannot help', async () => {
    answer = () => failed('not_allowed');
    expect(await worker.run({ operation: 'read' }, 'failed')).toMatchObject({
      error: { code: 'tool_failed', permanent: true, details: { code: 'not_allowed', tool: 'github__repo_get' } },
    });
    answer = () => failed('server_unavailable');
    expect(await worker.run({ operation: 'read' }, 'retrying')).toMatchObject({
      error: { code: 'tool_failed', permanent: false },
    });
    answer = () => failed('server_unavailable', { may_have_run: true });
    expect(await worker.run({ operation: 'merge' }, 'failed')).toMatchObject({
      error: { code: 'tool_failed', permanent: true, details: { may_have_run: true } },
    });
  });

  it('are cancelled with the task', async () => {
    answer = () => undefined;
    const taskId = await worker.submit({ operation: 'hang' });
    await worker.dispatch(taskId);
    await eventually(() => {
      expect(orders).toHaveLength(1);
    });
    await worker.cancel(taskId);
    await eventually(() => {
      expect(cancelled).toContainEqual({ call_id: orders[0]?.order.call_id });
    });
  });
});

describe('an ask', () => {
  const repo = { repo: 'a' };

  it('starts with the tools that fit its question, finds others, and calls what it found', async () => {
    const asked: string[][] = [];
    const tools = {
      github__repo_get: (given: object) => ({ got: given }),
      github__pr_list: () => ({ pulls: [] }),
    };
    const turns = [
      { text: '', toolCalls: [{ id: '1', name: 'find_tool', arguments: '{"query":"pull requests"}' }] },
      { text: '', toolCalls: [{ id: '2', name: 'github__pr_list', arguments: JSON.stringify(repo) }] },
      { text: 'There are none.', toolCalls: [] },
    ];
    const result = await runAsk(
      'dash',
      toolsInlineSkill,
      { question: 'Are there pull requests?' },
      (request) => {
        asked.push(request.tools.map(({ name }) => name));
        const turn = turns[asked.length - 1];
        if (turn === undefined) throw new Error('It asks too often');
        return Promise.resolve({ ...turn, model: 'tester', usage: { inputTokens: 1, outputTokens: 1 } } as never);
      },
      { tools },
    );
    expect(asked[0]).toEqual(expect.arrayContaining(['find_tool', 'github__repo_get', 'github__pr_list']));
    expect(result).toMatchObject({
      answer: 'There are none.',
      tools: [
        { tool: 'find_tool', ok: true },
        { tool: 'github__pr_list', ok: true },
      ],
    });
  });

  it('has no tools of servers where its order names others, or there is no coordinator', async () => {
    const asked: string[][] = [];
    const once = (tools?: readonly string[], given = {}) =>
      runAsk(
        'dash',
        toolsInlineSkill,
        { question: 'What?', ...(tools && { tools: [...tools] }) },
        (request) => {
          asked.push(request.tools.map(({ name }) => name));
          return Promise.resolve({ text: 'So.', toolCalls: [], model: 'tester', usage: undefined } as never);
        },
        given,
      );
    await once(['search_memory'], { tools: { github__repo_get: () => ({}) } });
    await once(undefined);
    await once(['github__repo_get'], { tools: { github__repo_get: () => ({}), github__pr_list: () => ({}) } });
    expect(asked[0]).toEqual(['search_memory']);
    expect(asked[1]).not.toContain('find_tool');
    expect(asked[2]).toEqual(['github__repo_get']);
  });
});
