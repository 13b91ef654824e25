import type { FinishedTask } from '@pulser/agent-runtime/skill';
import { MemoryOfTests, runOperation } from '@pulser/agent-runtime/testing';

import { skillsMining } from '../src/index.js';
import { plantedHistory } from './fixtures/planted-history.js';
import { questions } from './fixtures/topics.js';

interface Recommended {
  readonly similar: readonly { readonly task_id: string; readonly about: string; readonly score: number }[];
  readonly expectation: {
    readonly known: boolean;
    readonly because?: string;
    readonly success?: { readonly successes: number; readonly trials: number };
    readonly duration?: { readonly p50_ms: number };
  };
  readonly skills: readonly {
    readonly memory_id: string;
    readonly when: string;
    readonly evidence: readonly string[];
  }[];
}

interface Recalled {
  readonly known: boolean;
  readonly because?: string;
  readonly memories: readonly { readonly memory_id: string; readonly trust: string; readonly provenance: object }[];
}

const memory = new MemoryOfTests();
const { tasks, planted } = plantedHistory(202);
const asked = tasks.filter(({ operation }) => operation === 'answer');

const run = async <T>(payload: Readonly<Record<string, unknown>>, finishedTasks: readonly FinishedTask[] = asked) =>
  (await runOperation(skillsMining, payload, { finishedTasks, memory })).result as T;

const recommend = (text: string, more: Readonly<Record<string, unknown>> = {}): Promise<Recommended> =>
  run({ operation: 'recommend', text, since_days: 3_650, ...more });

beforeAll(async () => {
  await run({ operation: 'mine', since_days: 3_650, min_evidence: 5 });
  await runOperation(
    skillsMining,
    { operation: 'mine', task_type: 'data_pipeline', since_days: 3_650, cluster_sample: 0 },
    { finishedTasks: tasks, memory },
  );
});

describe('a recommendation', () => {
  it('names similar tasks, what to expect of them, and the skill', async () => {
    const { similar, expectation, skills } = await recommend(
      'A buyer wants the money back for shoes that were returned',
    );
    const refunds = new Set(planted.topics.get('refunds'));
    expect(similar.slice(0, 3).every(({ task_id }) => refunds.has(task_id))).toBe(true);
    expect(similar[0]?.score).toBeGreaterThan(0.5);
    expect(expectation).toMatchObject({ known: true });
    expect(expectation.success?.trials).toBeGreaterThanOrEqual(5);
    const durations = asked.map(({ runMs }) => runMs ?? 0);
    expect(expectation.duration?.p50_ms).toBeGreaterThan(Math.min(...durations));
    expect(expectation.duration?.p50_ms).toBeLessThan(Math.max(...durations));
    expect(skills[0]?.evidence.some((id) => refunds.has(id))).toBe(true);
  });

  it('says that there is too little to say when nothing is alike', async () => {
    const { similar, expectation } = await recommend('Torque of the bolts on a wind turbine gearbox flange');
    expect(similar).toEqual([]);
    expect(expectation).toEqual({
      known: false,
      because: 'too little to say: 0 similar tasks have ended, 5 are needed',
    });
  });

  it('compares tasks of one type alone when that is asked for', async () => {
    const { similar, expectation } = await recommend(questions.refunds[0] ?? '', { task_type: 'testing' });
    expect(similar).toEqual([]);
    expect(expectation.known).toBe(false);
  });
});

describe('what is recalled', () => {
  it('comes with its source and its trust', async () => {
    const { known, memories } = await run<Recalled>({ operation: 'recall', text: 'getting money back', type: 'skill' });
    expect(known).toBe(true);
    expect(memories[0]).toMatchObject({
      trust: 'derived',
      provenance: { evidence: expect.any(Array) as unknown[], success: { trials: expect.any(Number) as number } },
    });
  });

  it('can be asked for by subject', async () => {
    const recall = { operation: 'recall', text: 'what comes after an ingest?', min_score: 0 };
    const { memories } = await run<Recalled>({ ...recall, subject: 'mined: data_pipeline' });
    expect(memories.length).toBeGreaterThan(0);
    expect(await run<Recalled>({ ...recall, subject: 'mined: nothing' })).toEqual({
      known: false,
      memories: [],
      because: 'nothing in memory is as similar as 0',
    });
  });
});
