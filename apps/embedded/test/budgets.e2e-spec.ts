// Budgets of language models over several worker processes that ask at the same time and are killed in the middle. How many
// kills: KILLS; 50 in the lane, few among the ordinary specs.
import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from '@pulser/testing';
import { type ModelReply, ModelServer } from '@pulser/testing/models';

import { Apart } from './apart.js';

const kills = Number(process.env['KILLS'] ?? 1);
const agents = { dash: 'analytics', maya: 'documentation', echo: 'testing', data_fabcon: 'data_pipeline' } as const;

interface Task {
  readonly task_id: string;
  readonly status: string;
  readonly error?: { readonly code: string };
}

interface Spend {
  readonly today: {
    readonly spent: { readonly micros: number; readonly calls: number };
    readonly reserved: { readonly micros: number; readonly calls: number };
  } | null;
}

/** A call costs what it reserves: 100 tokens of 100 micro-dollars. The day has money for ten. */
const perCall = 10_000;
const answer: ModelReply = {
  kind: 'answer',
  text: 'An answer that takes a while to be said in full.',
  usage: { inputTokens: 10, outputTokens: 100 },
  slowMs: 100,
};

describe('models that several processes ask', () => {
  let server: ModelServer;
  let apart: Apart;

  beforeAll(async () => {
    server = await ModelServer.start(() => answer);
    apart = await Apart.start(
      {
        LLM_BASE_URL: server.url,
        LLM_MODEL: 'tester',
        LLM_PRICES: '{"tester": {"input": 0, "output": 100}}',
        LLM_MAX_OUTPUT_TOKENS: '100',
        LLM_DAY_MAX_USD: '0.1',
        CONCURRENCY: '15',
        LEASE_S: '10',
      },
      ['gateway', 'router', ...Object.keys(agents).map((name) => `agents/${name}` as const)],
    );
  }, 240_000);

  afterAll(async () => {
    await apart.stop();
    await server.stop();
  });

  const ask = (type: string, n: number) => ({
    task_type: type,
    payload: { operation: 'ask', question: `What is number ${n}?` },
  });

  const endOf = (taskId: string): Promise<Task> =>
    eventually(
      async () => {
        const task = await apart.call<Task>(`/api/v1/tasks/${taskId}`);
        expect(['completed', 'failed']).toContain(task.status);
        return task;
      },
      { timeoutMs: 180_000 },
    );

  it.each(['first', 'second'])(
    'answer ten of fifty questions when there is money for ten, of a fresh tenant: the %s',
    async (name) => {
      server.follow(() => answer);
      apart.key = await apart.tenant(`ten-${name}`);
      const types = Object.values(agents);
      const tasks = Array.from({ length: 50 }, (_, n) => ask(types[n % types.length] ?? 'analytics', n));
      const { items } = await apart.call<{ items: readonly Task[] }>('/api/v1/tasks/batch', { tasks });
      const ends = await Promise.all(items.map(({ task_id }) => endOf(task_id)));
      expect(server.asked).toHaveLength(10);
      expect(ends.filter(({ status }) => status === 'completed')).toHaveLength(10);
      expect(ends.filter(({ error }) => error?.code === 'budget_spent')).toHaveLength(40);
      const { today } = await apart.call<Spend>('/api/v1/spend');
      expect(today).toMatchObject({ spent: { micros: 10 * perCall, calls: 10 }, reserved: { micros: 0, calls: 0 } });
    },
    360_000,
  );

  it(
    'are paid for at least what they cost, when workers are killed in the middle of a call',
    async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        server.follow((_, n) => (n === 1 ? { ...answer, slowMs: 2_000 } : { ...answer, slowMs: 0 }));
        apart.key = await apart.tenant(`killed-${kill}`);
        const { task_id } = await apart.call<Task>('/api/v1/tasks', ask('analytics', kill));
        await eventually(() => {
          expect(server.asked).toHaveLength(1);
        });
        await apart.end('agents/dash', 'SIGKILL');
        await apart.run('agents/dash');
        expect(await endOf(task_id)).toMatchObject({ status: 'completed' });
        await eventually(async () => {
          const { today } = await apart.call<Spend>('/api/v1/spend');
          expect(today?.reserved).toMatchObject({ micros: 0, calls: 0 });
          expect(today?.spent.calls).toBe(server.asked.length);
          expect(today?.spent.micros).toBeGreaterThanOrEqual(server.charged.outputTokens * 100);
        });
      }
    },
    120_000 + kills * 120_000,
  );

  it(
    'are asked as often as the ledger says, when a worker is killed between an answer and the end of whom it asked',
    async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        const child = { name: 'delegate', arguments: { task_type: 'documentation', question: 'What is a child?' } };
        server.follow(({ messages }) => {
          const [, question] = messages;
          if (question?.content === 'What is a child?') return { ...answer, slowMs: 200 };
          return messages.length > 2 ? { ...answer, slowMs: 0 } : { kind: 'answer', tools: [child] };
        });
        apart.key = await apart.tenant(`delegating-${kill}`);
        const payload = {
          operation: 'ask',
          question: `What is number ${kill}?`,
          delegate_to: [{ task_type: 'documentation', tools: [] }],
        };
        const { task_id } = await apart.call<Task>('/api/v1/tasks', { task_type: 'analytics', payload });
        await eventually(() => {
          expect(server.charged.calls).toBeGreaterThanOrEqual(1);
        });
        // Every 20 ms another moment: before the answer is recorded, before the child is there, while the task waits.
        await delay((kill % 10) * 20);
        await apart.end('agents/dash', 'SIGKILL');
        await apart.run('agents/dash');
        expect(await endOf(task_id)).toMatchObject({ status: 'completed' });
        await eventually(
          async () => {
            const { today } = await apart.call<Spend>('/api/v1/spend');
            expect(today).toMatchObject({ reserved: { calls: 0 }, spent: { calls: server.asked.length } });
          },
          { timeoutMs: 90_000 },
        );
        expect(server.asked.length).toBeGreaterThanOrEqual(3);
        // A question is asked again only if the worker died while its answer was on its way.
        expect(server.asked.length).toBeLessThanOrEqual(4);
      }
    },
    60_000 + kills * 60_000,
  );
});
