import type { FinishedTask } from '@pulser/agent-runtime/skill';
import { MemoryOfTests, runOperation, type OperationRun } from '@pulser/agent-runtime/testing';

import { skillsMining } from '../src/index.js';
import { finished } from './fixtures/finished.js';
import { plantedHistory } from './fixtures/planted-history.js';
import { expectations, judgeClusters } from './judge.js';

interface Proportion {
  readonly successes: number;
  readonly trials: number;
  readonly low: number;
  readonly high: number;
}

interface Mined {
  readonly history: {
    readonly tasks: number;
    readonly complete: boolean;
    readonly by_task: readonly { readonly task: string; readonly tasks: number; readonly completed: number }[];
  };
  readonly clusters: {
    readonly looked_at: number;
    readonly sampled: boolean;
    readonly found: readonly { readonly about: string; readonly task_ids: readonly string[] }[];
  };
  readonly repeated_attempts: readonly unknown[];
  readonly skills: readonly {
    readonly key: string;
    readonly kind: string;
    readonly when: string;
    readonly steps: readonly string[];
    readonly success: Proportion;
    readonly evidence: readonly string[];
    readonly memory_id: string | null;
  }[];
  readonly memory: { readonly kept: number; readonly replaced: number };
  readonly too_little_evidence: readonly string[];
}

const usual = { operation: 'mine', since_days: 3_650 };

const mine = async (
  finishedTasks: readonly FinishedTask[],
  input: Readonly<Record<string, unknown>> = {},
  memory = new MemoryOfTests(),
): Promise<Mined> => {
  const run: OperationRun = await runOperation(skillsMining, { ...usual, ...input }, { finishedTasks, memory });
  return run.result as Mined;
};

describe('mining', () => {
  const { tasks, planted } = plantedHistory(101);

  it('keeps skills with when, steps, success and the tasks that prove it', async () => {
    const memory = new MemoryOfTests();
    const { skills, memory: kept } = await mine(tasks, { cluster_sample: 0 }, memory);
    const sequence = skills.find(({ steps }) => steps.join() === planted.sequences[0]?.join());
    expect(sequence).toMatchObject({ kind: 'sequence', memory_id: expect.any(String) as string });
    const byId = new Map(tasks.map((task) => [task.taskId, task]));
    for (const { evidence, success } of skills) {
      expect(evidence.length).toBeGreaterThan(0);
      expect(evidence.every((id) => byId.has(id))).toBe(true);
      expect(success.successes / success.trials).toBeGreaterThanOrEqual(success.low - 1e-4);
      expect(success.successes / success.trials).toBeLessThanOrEqual(success.high + 1e-4);
    }
    expect(kept).toEqual({ subject: 'mined: all task types', kept: skills.length, replaced: 0 });
    expect(memory.kept).toHaveLength(skills.length);
    expect(memory.kept[0]).toMatchObject({
      type: 'skill',
      trust: 'derived',
      metadata: { key: skills[0]?.key, evidence: skills[0]?.evidence },
      expiresAt: expect.stringMatching(/Z$/) as string,
    });
  });

  it('does not double what it kept before, and replaces what has changed', async () => {
    const memory = new MemoryOfTests();
    const first = await mine(tasks, { cluster_sample: 0 }, memory);
    const second = await mine(tasks, { cluster_sample: 0 }, memory);
    expect(second.skills.map(({ memory_id }) => memory_id)).toEqual(first.skills.map(({ memory_id }) => memory_id));
    expect(second.memory.replaced).toBe(0);
    const third = await mine(tasks.slice(0, -60), { cluster_sample: 0 }, memory);
    expect(third.memory.replaced).toBeGreaterThan(0);
    expect(memory.kept).toHaveLength(third.skills.length);
    expect(new Set(memory.kept.map(({ metadata }) => metadata['key'])).size).toBe(memory.kept.length);
  });

  it('forgets what tasks do not show any more, and touches nothing else', async () => {
    const memory = new MemoryOfTests();
    await runOperation(skillsMining, { ...usual, cluster_sample: 0 }, { finishedTasks: tasks, memory });
    memory.kept.push(
      ...memory.kept.slice(0, 1).map((one) => ({ ...one, id: finished(7).taskId, subject: 'mined: testing' })),
    );
    const { skills, too_little_evidence } = await mine([finished(1)], {}, memory);
    expect(skills).toEqual([]);
    expect(too_little_evidence).toContain('history: 1 finished tasks, 10 are needed');
    expect(memory.kept.map(({ subject }) => subject)).toEqual(['mined: testing']);
  });

  it('keeps nothing when it is not to', async () => {
    const memory = new MemoryOfTests();
    const { skills } = await mine(tasks, { cluster_sample: 0, keep: false }, memory);
    expect(skills.length).toBeGreaterThan(0);
    expect(skills.every(({ memory_id }) => memory_id === null)).toBe(true);
    expect(memory.kept).toEqual([]);
  });

  it('says nothing of what was seen too rarely, and that it was', async () => {
    const steps = ['data_pipeline.ingest', 'data_pipeline.validate'];
    const sessions = Array.from({ length: 9 }, (_, n) =>
      steps.map((step, place) => {
        const [taskType = '', operation = ''] = step.split('.');
        return finished(n * 100 + place, { taskType, operation, description: `operation: ${operation}` });
      }),
    ).flat();
    const { skills, too_little_evidence } = await mine(sessions, { cluster_sample: 0 });
    expect(skills).toEqual([]);
    expect(too_little_evidence).toContain('sequences: sessions of two tasks or more: 9, 10 are needed');
    const few = await mine(sessions, { cluster_sample: 0, min_evidence: 9 });
    expect(few.skills.map((skill) => skill.steps)).toEqual([steps]);
  });

  it('has nothing to say about no tasks at all', async () => {
    const { history, skills, too_little_evidence } = await mine([]);
    expect(history).toMatchObject({ tasks: 0, complete: true, by_task: [] });
    expect(skills).toEqual([]);
    expect(too_little_evidence.length).toBeGreaterThan(0);
  });

  it('counts all that it has read, and says when there is more', async () => {
    const { history } = await mine(tasks, { cluster_sample: 0, max_tasks: 100 });
    expect(history).toMatchObject({ tasks: 100, complete: false });
    const newest = tasks.slice(-100);
    for (const { task, completed, tasks: count } of history.by_task) {
      const ofKind = newest.filter(({ taskType, operation }) => `${taskType}.${operation ?? ''}` === task);
      expect(count).toBe(ofKind.length);
      expect(completed).toBe(ofKind.filter(({ status }) => status === 'completed').length);
    }
  });

  it('tells how often a repeated attempt has helped, by what it failed with', async () => {
    const repeated = Array.from({ length: 10 }, (_, n) =>
      finished(n, {
        attempts: 2,
        earlierErrors: ['source_unreachable'],
        ...(n === 0 && { status: 'failed', errorCode: 'source_unreachable' }),
      }),
    );
    const { repeated_attempts } = await mine(repeated, { cluster_sample: 0 });
    expect(repeated_attempts).toEqual([
      {
        task: 'analytics.query',
        error_code: 'source_unreachable',
        completed: { successes: 9, trials: 10, rate: 0.9, low: 0.5958, high: 0.9821 },
      },
    ]);
  });

  it('finds kinds of work by the meaning of their texts', async () => {
    const questions = tasks.filter(({ operation }) => operation === 'answer');
    const { clusters, skills } = await mine(questions, { min_evidence: 5 });
    const groups = clusters.found.map(({ task_ids }) => task_ids);
    const { purity, pairs } = judgeClusters(groups, planted.topics);
    process.stdout.write(`clusters: ${groups.length}, purity ${purity.toFixed(2)}, pairs ${pairs.toFixed(2)}\n`);
    expect(purity).toBeGreaterThanOrEqual(expectations.clusters.purity);
    expect(pairs).toBeGreaterThanOrEqual(expectations.clusters.pairs);
    expect(skills.filter(({ kind }) => kind === 'kind_of_work')).toHaveLength(groups.length);
  });

  it('compares a sample of many, always the same one', async () => {
    const questions = tasks.filter(({ operation }) => operation === 'answer');
    const [first, second] = [
      await mine(questions, { cluster_sample: 20, min_evidence: 3, keep: false }),
      await mine(questions, { cluster_sample: 20, min_evidence: 3, keep: false }),
    ];
    expect(first.clusters).toMatchObject({ looked_at: 20, sampled: true });
    expect(second).toEqual(first);
  });

  it('is not led astray by what stands in payloads', async () => {
    const hostile = Array.from({ length: 40 }, (_, n) =>
      finished(n, {
        operation: n % 2 === 0 ? '__proto__' : 'constructor',
        status: n % 4 === 0 ? 'failed' : 'completed',
        errorCode: n % 4 === 0 ? '__proto__' : null,
        description: `__proto__: ${n % 4}\nconstructor: ${'x'.repeat(1_900)}\n: \n:::\n${n}`,
      }),
    );
    const { history } = await mine(hostile, { cluster_sample: 0 });
    expect(history.tasks).toBe(40);
    expect(history.by_task.map(({ tasks: count }) => count)).toEqual([20, 20]);
  });

  it.each([{ since_days: 0 }, { max_tasks: 5_001 }, { min_evidence: 2 }, { cluster_sample: -1 }, { what: 1 }])(
    'refuses %j',
    async (input) => {
      await expect(mine([], input)).rejects.toMatchObject({ code: 'invalid_payload' });
    },
  );
});
