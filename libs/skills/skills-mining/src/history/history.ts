// The tenant's finished tasks as the operations of this skill read them: newest first, up to a bound, and said so.
import type { FinishedTask, FinishedTaskQuery, TaskContext } from '@pulser/agent-runtime/skill';

export interface HistoryQuery {
  readonly taskType?: string | undefined;
  readonly operation?: string | undefined;
  readonly sinceDays: number;
  readonly maxTasks: number;
}

export interface History {
  /** Oldest first. */
  readonly tasks: readonly FinishedTask[];
  /** Whether there are no older ones within the days that were asked for. */
  readonly complete: boolean;
}

const pageSize = 1_000;

/** Pages that may be read for what is rare: 100,000 rows. */
const maxPages = 20;

/** Reads up to `maxTasks` tasks, without this one (which has not ended). */
export const readHistory = async (
  { finishedTasks, signal }: Pick<TaskContext, 'finishedTasks' | 'signal'>,
  { taskType, operation, sinceDays, maxTasks }: HistoryQuery,
): Promise<History> => {
  const tasks: FinishedTask[] = [];
  const fixed: FinishedTaskQuery = {
    sinceDays,
    ...(taskType !== undefined && { taskType }),
    ...(operation !== undefined && { operation }),
  };
  let after: string | undefined;
  for (let pages = 0; pages < maxPages && tasks.length < maxTasks; pages += 1) {
    signal.throwIfAborted();
    const limit = Math.min(pageSize, maxTasks - tasks.length);
    const page = await finishedTasks({ ...fixed, limit, ...(after !== undefined && { after }) });
    tasks.push(...page.tasks);
    after = page.next;
    if (after === undefined) break;
  }
  return { tasks: tasks.reverse(), complete: after === undefined };
};

/** `task_type.operation`, by which tasks are of one kind. */
export const taskName = ({ taskType, operation }: Pick<FinishedTask, 'taskType' | 'operation'>): string =>
  operation === null ? taskType : `${taskType}.${operation}`;

/** The fields of a description: path to value. */
export const fieldsOf = ({ description }: Pick<FinishedTask, 'description'>): ReadonlyMap<string, string> =>
  new Map(
    description.split('\n').flatMap((line) => {
      const end = line.indexOf(': ');
      return end === -1 ? [] : [[line.slice(0, end), line.slice(end + 2)] as const];
    }),
  );

const words = (text: string): number => text.split(' ').length;

const minWords = 3;
const maxEmbedded = 400;

const start = (text: string): string => Array.from(text).slice(0, maxEmbedded).join('');

/**
 * What a task is about in words: the values of its payload that are phrases. Names of fields and settings are alike in all
 * tasks of an operation. At most 400 characters, which the embedder sees whole. Undefined without any phrase.
 */
export const topicOf = (task: FinishedTask): string | undefined => {
  const values = [...fieldsOf(task)].filter(([path]) => path !== 'operation').map(([, value]) => value);
  const phrases = values.filter((value) => words(value) >= minWords);
  return phrases.length === 0 ? undefined : start(phrases.join(' '));
};

/** What a task is about, or else what it is: everything that is known of it. */
export const textOf = (task: FinishedTask): string =>
  topicOf(task) ?? start(`${taskName(task)} ${task.description.replaceAll('\n', ' ')}`);

/** Tasks that ended by themselves: a cancelled one says nothing about success. */
export const judged = (tasks: readonly FinishedTask[]): FinishedTask[] =>
  tasks.filter(({ status }) => status !== 'cancelled');

export const succeeded = ({ status }: FinishedTask): boolean => status === 'completed';

/** Lists by key, in the order in which keys first came. */
export const groupBy = <T>(items: Iterable<T>, keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};
