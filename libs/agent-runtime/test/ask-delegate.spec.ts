// Asks that ask other agents, by a worker with one slot.
import { ApiKeys, newApiKey, type NewTask, SpendReads } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';
import { calls, inTurn, type ModelRequest, type ModelScript, ModelServer, says } from '@pulser/testing/models';

import { Router } from './router.js';
import { waitingSkill } from './waiting.skill.js';
import { Worker } from './worker.js';

const person: Partial<NewTask> = { submitted_by: 'someone', submitter: { role: 'operator' } };
const usage = { inputTokens: 10, outputTokens: 10 };

const questionOf = ({ messages }: ModelRequest): string => messages.find(({ role }) => role === 'user')?.content ?? '';

const toolResults = ({ messages }: ModelRequest): string[] =>
  messages.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');

const delegate = (question: string, task_type = 'analytics') => ({
  name: 'delegate',
  arguments: { task_type, question },
});

/** Asked "count 2" it asks two others "count 1", and adds up what they say. */
const counting: ModelScript = (request) => {
  const depth = Number(questionOf(request).split(' ')[1]);
  if (depth === 0) return says('1', usage);
  const answers = toolResults(request).map((text) => Number((JSON.parse(text) as { answer: string }).answer));
  if (answers.length === 0) return calls(delegate(`count ${depth - 1}`), delegate(`count ${depth - 1}`));
  return says(String(answers.reduce((sum, one) => sum + one, 0)), usage);
};

describe('an agent that asks other agents', () => {
  let server: ModelServer;
  let worker: Worker;
  let router: Router;

  beforeAll(async () => {
    server = await ModelServer.start(counting);
    const env = { LLM_BASE_URL: server.url, LLM_MODEL: 'tester', LLM_PRICES: '{"tester": {"input": 1, "output": 1}}' };
    worker = await Worker.start({ ...env, LLM_MAX_OUTPUT_TOKENS: '100', CONCURRENCY: '1' }, waitingSkill);
    router = new Router(worker);
  });

  afterAll(async () => {
    await router.stop();
    await worker.stop();
    await server.stop();
  });

  const ask = (question: string, change: Readonly<Record<string, unknown>> = {}, submitter = person) =>
    worker.submit(
      { operation: 'ask', question, delegate_to: [{ task_type: 'analytics', tools: [] }], ...change },
      submitter,
    );

  const callsOfTree = async (taskId: string) => {
    const tasks = await worker.server.query<{ task_id: string }>(
      'select task_id from task_queue where coalesce(root_id, task_id) = $1',
      [taskId],
    );
    const reads = new SpendReads(worker.database);
    return (await Promise.all(tasks.map(({ task_id }) => reads.callsOf(worker.tenantId, task_id)))).flat();
  };

  it('ends several with children nested three deep in one slot, and pays for each question once', async () => {
    server.follow(counting);
    const roots = await Promise.all(Array.from({ length: 3 }, () => ask('count 3', { delegate_depth: 3 })));
    const ends = await eventually(
      async () => {
        const tasks = await Promise.all(roots.map((taskId) => worker.reads.find(worker.tenantId, taskId)));
        expect(tasks.map((task) => task?.status)).toEqual(roots.map(() => 'completed'));
        return tasks;
      },
      { timeoutMs: 100_000, everyMs: 100 },
    );
    for (const task of ends)
      expect(task).toMatchObject({
        attempts: 1,
        result: {
          answer: '8',
          steps: 2,
          tools: [
            { step: 1, tool: 'delegate', ok: true },
            { step: 1, tool: 'delegate', ok: true },
          ],
        },
      });
    // Seven of fifteen nodes ask twice.
    const ledger = (await Promise.all(roots.map(callsOfTree))).flat();
    expect(ledger).toHaveLength(3 * 22);
    expect(server.asked).toHaveLength(3 * 22);
    expect(server.maxWorking).toBe(1);
  }, 120_000);

  it('may ask only whom the task names, and no deeper than it says', async () => {
    server.follow(inTurn(calls(delegate('count 0', 'documentation')), says('No.')));
    const { result } = await worker.reaches(await ask('who?'), 'completed');
    expect(result).toMatchObject({ answer: 'No.', tools: [{ tool: 'delegate', ok: false }] });
    expect(server.asked[1] && toolResults(server.asked[1].request)[0]).toContain('invalid_payload');

    server.follow(counting);
    const { result: shallow } = await worker.reaches(await ask('count 1'), 'completed');
    expect(shallow).toMatchObject({ answer: '2' });
    const offered = server.asked.map(({ request }) => request.tools?.map(({ function: { name } }) => name));
    const children = server.asked.flatMap(({ request }, n) => (questionOf(request) === 'count 0' ? [offered[n]] : []));
    expect(children).toEqual([undefined, undefined]);
  });

  it('tells the model how an answer failed', async () => {
    server.follow((request) => {
      if (questionOf(request) === 'fail') return { kind: 'status', status: 401 };
      return toolResults(request).length === 0 ? calls(delegate('fail')) : says('It failed.');
    });
    const { result } = await worker.reaches(await ask('try'), 'completed');
    expect(result).toMatchObject({ answer: 'It failed.', tools: [{ ok: false }] });
    expect(toolResults(server.asked.at(-1)?.request ?? { model: '', messages: [] })[0]).toContain('model_refused');
  });

  it('holds the budget of the tree', async () => {
    server.follow(counting);
    const root = await ask('count 2', { delegate_depth: 2, tree_budget: { calls: 5 } });
    await eventually(async () => {
      const task = await worker.reads.find(worker.tenantId, root);
      expect(task?.error).toMatchObject({ code: 'budget_spent', details: { budget: 'tree.calls' } });
    });
    expect(server.asked).toHaveLength(5);
    expect(await callsOfTree(root)).toHaveLength(5);
  });

  it('asks in the name of the submitter, with the rights of now', async () => {
    await new ApiKeys(worker.database).create(worker.tenantId, 'limited', newApiKey());
    await worker.server.query(
      `update api_key set role = 'operator', allowed_task_types = '{documentation}' where name = 'limited'`,
    );
    server.follow(inTurn(says('Alone.')));
    const [row] = await worker.server.query<{ key_id: string }>(`select key_id from api_key where name = 'limited'`);
    const submitter = { submitted_by: row?.key_id ?? '', submitter: { role: 'operator' as const } };
    await worker.reaches(await ask('who?', {}, submitter), 'completed');
    expect(server.asked[0]?.request.tools?.map(({ function: { name } }) => name)).not.toContain('delegate');

    await worker.server.query(`update api_key set allowed_task_types = null where name = 'limited'`);
    server.follow(async (request) => {
      if (toolResults(request).length > 0) return says('Refused.');
      await worker.server.query(`update api_key set revoked_at = now() where name = 'limited'`);
      return calls(delegate('count 0'));
    });
    const { result } = await worker.reaches(await ask('revoked', {}, submitter), 'completed');
    expect(result).toMatchObject({ answer: 'Refused.', tools: [{ ok: false }] });
    expect(server.asked[1] && toolResults(server.asked[1].request)[0]).toContain('child_refused');
  });
});
