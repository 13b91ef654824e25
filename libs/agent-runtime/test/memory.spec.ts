import type { MemoryHit } from '../src/skills/task-context.js';
import { MemoryOfTests, runOperation } from '../src/testing/run-operation.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

interface Recalled {
  readonly hits: readonly MemoryHit[];
}

const texts = ['The warehouse in Lyon is closed in June.', 'Maria approves large payments.'];
const question = { operation: 'recall', text: 'When can the French depot not ship?', limit: 1 };

describe('the memory of handlers in threads', () => {
  let worker: Worker;

  beforeAll(async () => {
    worker = await Worker.start({ CONCURRENCY: '2' }, threadedSkill);
  });

  afterAll(() => worker.stop());

  const run = async (payload: Record<string, unknown>, end: 'completed' | 'failed' = 'completed') =>
    worker.run(payload, end);

  it('keeps what one task noted for the next one, with the task it comes from', async () => {
    const noted = await run({ operation: 'note', texts });
    const again = await run({ operation: 'note', texts });
    expect(again.result).toEqual(noted.result);
    const { hits } = (await run(question)).result as Recalled;
    expect(hits).toEqual([
      {
        id: (noted.result as { ids: string[] }).ids[0],
        type: 'fact',
        content: texts[0],
        subject: null,
        metadata: {},
        trust: 'derived',
        score: expect.any(Number) as number,
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ]);
    const rows = await worker.server.query(`select agent_name, source_task_id from agent_memory order by memory_id`);
    expect(rows).toEqual([
      { agent_name: 'dash', source_task_id: again.taskId },
      { agent_name: 'dash', source_task_id: again.taskId },
    ]);
  });

  it('finds shared memories and its own, never those of another agent, and forgets its own only', async () => {
    await worker.server.query('delete from agent_memory');
    await run({ operation: 'note', texts: ['Mine: blue'], subject: 'sky' });
    await run({ operation: 'note', texts: ['Shared: blue'], subject: 'sky', shared: true });
    await worker.server.query(
      `insert into agent_memory (tenant_id, agent_name, memory_type, content)
       select tenant_id, 'maya', 'fact', 'Foreign: blue' from tenant`,
    );
    const { hits } = (await run({ operation: 'recall', text: 'blue' })).result as Recalled;
    expect(hits.map(({ content }) => content).sort()).toEqual(['Mine: blue', 'Shared: blue']);
    expect((await run({ operation: 'unlearn', subject: 'sky' })).result).toEqual({ forgotten: 1 });
    const left = await worker.server.query<{ content: string }>('select content from agent_memory order by content');
    expect(left.map(({ content }) => content)).toEqual(['Foreign: blue', 'Shared: blue']);
  });

  it('says what is wrong with what cannot be kept or is not said', async () => {
    const { error } = await run({ operation: 'note', texts: ['x'.repeat(32_001)] }, 'failed');
    expect(error).toMatchObject({ code: 'invalid_memory', permanent: true });
    expect(error?.message).toContain('remember: 0.content');
    const nothing = await run({ operation: 'unlearn' }, 'failed');
    expect(nothing.error).toMatchObject({ code: 'invalid_memory' });
    expect(nothing.error?.message).toContain('Say which: ids, type or subject');
  });

  it('makes vectors of texts', async () => {
    const near = async (pair: readonly string[]) =>
      (await run({ operation: 'compare', texts: pair })).result as { dimensions: number; near: number };
    const cats = await near(['a cat sleeps', 'a kitten takes a nap']);
    const taxes = await near(['a cat sleeps', 'taxes are due in May']);
    expect(cats.dimensions).toBe(384);
    expect(cats.near).toBeGreaterThan(taxes.near + 0.3);
  });
});

describe('the memory of the test kit', () => {
  it('does the same without a database', async () => {
    const memory = new MemoryOfTests();
    const { result } = await runOperation(threadedSkill, { operation: 'note', texts, subject: 'work' }, { memory });
    const again = await runOperation(threadedSkill, { operation: 'note', texts, subject: 'work' }, { memory });
    expect(again.result).toEqual(result);
    const { hits } = (await runOperation(threadedSkill, question, { memory })).result as Recalled;
    expect(hits).toMatchObject([{ content: texts[0], trust: 'derived', subject: 'work' }]);
    expect((await runOperation(threadedSkill, question)).result).toEqual({ hits: [] });
    const forgotten = await runOperation(threadedSkill, { operation: 'unlearn', subject: 'work' }, { memory });
    expect(forgotten.result).toEqual({ forgotten: 2 });
    await expect(runOperation(threadedSkill, { operation: 'unlearn' }, { memory })).rejects.toMatchObject({
      code: 'invalid_memory',
    });
  });
});
