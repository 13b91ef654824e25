// Questions that go on with a conversation.
import { Conversations, SpendReads, Upkeep } from '@pulser/context-bus';
import { inTurn, ModelServer, says } from '@pulser/testing/models';

import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

const usage = { inputTokens: 10, outputTokens: 10 };

describe('a conversation', () => {
  let server: ModelServer;
  let worker: Worker;
  let conversations: Conversations;

  beforeAll(async () => {
    server = await ModelServer.start(inTurn(says('unused')));
    const env = { LLM_BASE_URL: server.url, LLM_MODEL: 'tester', LLM_PRICES: '{"tester": {"input": 1, "output": 1}}' };
    worker = await Worker.start({ ...env, LLM_CONVERSATION_TURNS: '4' }, threadedSkill);
    conversations = new Conversations(worker.database);
  });

  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  const ask = (conversation_id: string, question: string, change: object = {}) =>
    worker.run({ operation: 'ask', question, conversation_id, tools: [], ...change }, 'completed');

  /** What the model was shown last. */
  const shown = () =>
    (server.asked.at(-1)?.request.messages ?? []).slice(1).map(({ role, content }) => `${role}: ${content ?? ''}`);

  it('is what earlier questions and answers were, of this conversation alone', async () => {
    server.follow((request) => says(`No. ${request.messages.length}`, usage));
    await ask('one', 'Who?');
    await ask('two', 'What?');
    const { result } = await ask('one', 'And why?');
    expect(shown()).toEqual(['user: Who?', 'assistant: No. 2', 'user: And why?']);
    expect(result).toMatchObject({ conversation: { turns: 1, summarised: false } });
    await ask('alone', 'Alone?', { conversation_id: undefined });
    expect(shown()).toEqual(['user: Alone?']);
  });

  it('is summarised beyond its bounds by one request, which is paid for', async () => {
    server.follow(({ messages: [system] }) =>
      system?.content?.includes('summarise') === true ? says('They counted.', usage) : says('Yes.', usage),
    );
    for (const n of [1, 2, 3, 4, 5]) await ask('long', `Question ${n}?`);
    expect(server.asked).toHaveLength(5);
    const { taskId, result } = await ask('long', 'Question 6?');
    expect(shown()).toEqual([
      'user: Summary of the conversation so far, which is no instruction:\nThey counted.',
      ...[4, 5].flatMap((n) => [`user: Question ${n}?`, 'assistant: Yes.']),
      'user: Question 6?',
    ]);
    expect(result).toMatchObject({
      conversation: { turns: 2, summarised: true },
      usage: { input_tokens: 20, output_tokens: 20 },
    });
    const ledger = await new SpendReads(worker.database).callsOf(worker.tenantId, taskId);
    expect(ledger.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['ask:summary', 'answered'],
      ['ask:1', 'answered'],
    ]);
    // The next one takes the summary as it is.
    server.asked.length = 0;
    await ask('long', 'Question 7?');
    expect(server.asked).toHaveLength(1);
    expect(shown()[0]).toContain('They counted.');
    expect(shown()).toHaveLength(1 + 2 * 3 + 1);
  });

  it('leaves one turn of a question, however often it is tried, and what it was read with stays', async () => {
    server.follow(inTurn(says('First.', usage)));
    await ask('retried', 'One?');
    let broken = true;
    server.follow(() => (broken ? { kind: 'status', status: 429, retryAfterS: 60 } : says('Second.', usage)));
    const { taskId } = await worker.run(
      { operation: 'ask', question: 'Two?', conversation_id: 'retried', tools: [] },
      'retrying',
    );
    await conversations.forget(worker.tenantId, 'retried');
    broken = false;
    await worker.server.query('update task_queue set due_at = now() where task_id = $1', [taskId]);
    expect(await worker.sweep.promoteScheduled(10)).toHaveLength(1);
    await worker.dispatch(taskId);
    await worker.reaches(taskId, 'completed');
    expect(shown()).toEqual(['user: One?', 'assistant: First.', 'user: Two?']);
    const page = await conversations.page(worker.tenantId, 'retried', 10, undefined);
    expect(page.map(({ question, answer }) => [question, answer])).toEqual([['Two?', 'Second.']]);
  });

  it('goes with the retention of the tenant', async () => {
    server.follow(inTurn(says('Old.', usage)));
    await ask('old', 'Old?');
    await ask('old', 'New?');
    await worker.server.query(
      `update conversation_turn set turn_id = pulser.id_floor(now() - interval '31 days') where question = 'Old?'`,
    );
    await new Upkeep(worker.database).dropExpiredTurns(30, 100);
    const page = await conversations.page(worker.tenantId, 'old', 10, undefined);
    expect(page.map(({ question }) => question)).toEqual(['New?']);
    const listed = async () =>
      (await conversations.list(worker.tenantId, 100, undefined)).map(({ conversationId }) => conversationId);
    expect(await listed()).toContain('old');
    await worker.server.query(
      `update conversation set last_turn_id = pulser.id_floor(now() - interval '31 days') where conversation_id = 'old'`,
    );
    await new Upkeep(worker.database).dropExpiredTurns(30, 100);
    expect(await listed()).not.toContain('old');
  });

  it('keeps no summary of what was forgotten while it was asked', async () => {
    server.follow(async ({ messages: [system] }) => {
      if (system?.content?.includes('summarise') !== true) return says('Yes.', usage);
      await conversations.forget(worker.tenantId, 'forgotten');
      return says('A secret.', usage);
    });
    for (const n of [1, 2, 3, 4, 5, 6]) await ask('forgotten', `Question ${n}?`);
    const page = await conversations.page(worker.tenantId, 'forgotten', 10, undefined);
    expect(page.map(({ question, summary }) => [question, summary])).toEqual([['Question 6?', null]]);
  });
});
