import { Conversations } from '@pulser/context-bus';
import type { ConversationList, ConversationPage, Forgotten, Problem } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('conversations with agents', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    ({ client, tenantId } = await gateway.client(`tenant-${crypto.randomUUID()}`));
    for (const n of [1, 2, 3]) {
      const claim = await gateway.worker.claim(tenantId, await client.submit());
      const turn = { conversationId: 'support:7', agent: 'dash', question: `Question ${n}`, answer: `Answer ${n}` };
      await new Conversations(gateway.worker.database).keep(claim, turn);
    }
  });

  it('are read the newest first, page by page', async () => {
    const path = '/api/v1/conversations/support:7';
    const first = (await client.get<ConversationPage>(`${path}?limit=2`)).body;
    expect(first.turns.map(({ question, answer, agent }) => [question, answer, agent])).toEqual([
      ['Question 3', 'Answer 3', 'dash'],
      ['Question 2', 'Answer 2', 'dash'],
    ]);
    const second = (await client.get<ConversationPage>(`${path}?limit=2&cursor=${first.next_cursor ?? ''}`)).body;
    expect(second.turns.map(({ question }) => question)).toEqual(['Question 1']);
    expect(second.next_cursor).toBeNull();
  });

  it('are listed by their last question', async () => {
    const claim = await gateway.worker.claim(tenantId, await client.submit());
    const question = `And now? ${'x'.repeat(300)}`;
    const turn = { conversationId: 'support:8', agent: 'maya', question, answer: 'Yes.' };
    const kept = new Conversations(gateway.worker.database);
    await kept.keep(claim, turn);
    // An attempt that is repeated asks nothing more.
    await kept.keep(claim, { ...turn, answer: 'Yes!' });
    const path = '/api/v1/conversations?limit=1';
    const first = (await client.get<ConversationList>(path)).body;
    expect(first.conversations).toMatchObject([
      {
        conversation_id: 'support:8',
        agent: 'maya',
        task_id: claim.taskId,
        question: question.slice(0, 200),
        questions: 1,
      },
    ]);
    const second = (await client.get<ConversationList>(`${path}&cursor=${first.next_cursor ?? ''}`)).body;
    expect(second.conversations).toMatchObject([
      { conversation_id: 'support:7', agent: 'dash', question: 'Question 3', questions: 3 },
    ]);
    await client.call('/api/v1/conversations/support:8', { method: 'DELETE' });
    expect((await client.get<ConversationList>(path)).body.conversations).toMatchObject([
      { conversation_id: 'support:7' },
    ]);
  });

  it('are of one tenant, and gone when they are forgotten', async () => {
    const { client: stranger } = await gateway.client(`tenant-${crypto.randomUUID()}`);
    const forget = <T>(by: Client) => by.call<T>('/api/v1/conversations/support:7', { method: 'DELETE' });
    expect((await stranger.get('/api/v1/conversations/support:7')).status).toBe(404);
    expect((await stranger.get<ConversationList>('/api/v1/conversations')).body.conversations).toEqual([]);
    expect((await forget<Problem>(stranger)).body.code).toBe('not_found');
    expect((await client.get('/api/v1/conversations/-')).status).toBe(404);
    expect((await forget<Forgotten>(client)).body).toEqual({ forgotten: 3 });
    expect((await client.get('/api/v1/conversations/support:7')).status).toBe(404);
  });
});
