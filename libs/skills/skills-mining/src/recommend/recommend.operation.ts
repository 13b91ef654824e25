import { type FinishedTask, type MemoryHit, operation, type TaskContext } from '@pulser/agent-runtime/skill';

import { embedAll, similarity } from '../clusters/clusters.js';
import { groupBy, judged, readHistory, succeeded, taskName, textOf } from '../history/history.js';
import { memoryType } from '../memory/skill-memory.js';
import { durationsOf } from '../statistics/quantiles.policy.js';
import { proportion } from '../statistics/proportions.policy.js';
import { RecommendInput } from './recommend-contract.js';

interface SimilarTask {
  readonly task: FinishedTask;
  readonly score: number;
}

const maxTold = 10;
const maxSkillsFound = 20;
const maxSkillsTold = 3;

export const recommend = operation({
  name: 'recommend',
  summary: 'For a task in words: similar earlier ones, the skill that fits, and the duration and success to expect',
  input: RecommendInput,
  example: { operation: 'recommend', text: 'Total revenue by month as a chart', task_type: 'analytics' },
  repeatable: true,
  handle: async (input, context) => {
    const history = await readHistory(context, {
      taskType: input.task_type,
      operation: input.task_operation,
      sinceDays: input.since_days,
      maxTasks: input.max_tasks,
    });
    const similar = await similarTo(input, history.tasks, context);
    const skills = await skillsFor(input, context);
    return {
      compared: { tasks: history.tasks.length, complete: history.complete },
      similar: similar.slice(0, maxTold).map(({ task, score }) => ({
        task_id: task.taskId,
        task: taskName(task),
        status: task.status,
        score,
        run_ms: task.runMs,
        about: textOf(task),
      })),
      expectation: expectationOf(
        similar.map(({ task }) => task),
        input.min_evidence,
      ),
      skills,
    };
  },
});

const score = (value: number): number => Math.round(value * 1_000) / 1_000;

const similarTo = async (
  { text, min_score: minScore }: RecommendInput,
  tasks: readonly FinishedTask[],
  context: TaskContext,
): Promise<SimilarTask[]> => {
  const byText = groupBy(tasks, textOf);
  const [wanted = [], ...vectors] = await embedAll([text, ...byText.keys()], context);
  return [...byText.values()]
    .flatMap((same, index) => {
      const cosine = score(similarity(wanted, vectors[index] ?? []));
      return cosine < minScore ? [] : same.map((task) => ({ task, score: cosine }));
    })
    .sort((a, b) => b.score - a.score || (a.task.taskId < b.task.taskId ? 1 : -1));
};

/** Of similar tasks that ended by themselves. */
const expectationOf = (similar: readonly FinishedTask[], least: number) => {
  const ended = judged(similar);
  if (ended.length < least)
    return {
      known: false,
      because: `too little to say: ${ended.length} similar tasks have ended, ${least} are needed`,
    };
  const successes = ended.filter(succeeded);
  const duration = durationsOf(successes.map(({ runMs }) => runMs));
  return {
    known: true,
    success: proportion(successes.length, ended.length),
    ...(duration !== undefined && { duration }),
    kinds: [...groupBy(ended, taskName)]
      .map(([task, ofKind]) => ({ task, tasks: ofKind.length }))
      .sort((a, b) => b.tasks - a.tasks),
  };
};

/** Skills in memory that mean the same; with an operation, those that have it among their steps. */
const skillsFor = async (input: RecommendInput, { searchMemory }: TaskContext) => {
  const { text, task_type, task_operation, min_score: minScore } = input;
  const hits = await searchMemory({ text, type: memoryType, limit: maxSkillsFound, minScore });
  const wanted = task_type === undefined ? '' : `${task_type}.${task_operation ?? ''}`;
  const fitting = hits.filter(({ metadata }) => stepsOf(metadata).some((step) => step.startsWith(wanted)));
  // The same skill may have been mined of all tasks and of those of one type.
  const byKey = groupBy(fitting, ({ id, metadata }) => (typeof metadata['key'] === 'string' ? metadata['key'] : id));
  return [...byKey.values()]
    .flatMap(([first]) => (first === undefined ? [] : [skillOf(first)]))
    .slice(0, maxSkillsTold);
};

const stepsOf = (metadata: MemoryHit['metadata']): readonly string[] => {
  const { steps } = metadata;
  return Array.isArray(steps) ? steps.filter((step) => typeof step === 'string') : [];
};

const skillOf = ({ id, content, metadata, trust, score: cosine, createdAt }: MemoryHit) => ({
  memory_id: id,
  score: score(cosine),
  kind: metadata['kind'] ?? null,
  when: metadata['when'] ?? content,
  steps: stepsOf(metadata),
  success: metadata['success'] ?? null,
  evidence: metadata['evidence'] ?? [],
  trust,
  mined_at: createdAt,
});
