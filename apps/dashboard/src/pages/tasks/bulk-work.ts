// One action on many tasks: a few requests at a time, with progress and a stop. What cannot be done to one task does not hold
// up the others.
import type { DeadLetterPage, TaskPage, TaskStatus } from '@pulser/contracts';

import { api, type Query } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { openStatuses } from '../../api/task-states.js';

export type BulkAction = 'cancel' | 'replay';

/** States in which a task can be acted on. */
export const actsOn: Readonly<Record<BulkAction, readonly TaskStatus[]>> = {
  cancel: openStatuses,
  replay: ['failed'],
};

export interface BulkProgress {
  readonly done: number;
  /** Ended meanwhile, or replayed before: there was nothing to do. */
  readonly skipped: number;
  readonly failed: number;
  /** Why the first of them failed. */
  readonly firstError: unknown;
}

export const nothingDone: BulkProgress = { done: 0, skipped: 0, failed: 0, firstError: undefined };

const cancel = async (taskId: string): Promise<'done' | 'skipped'> => {
  try {
    await api.post(`/api/v1/tasks/${taskId}/cancel`);
    return 'done';
  } catch (error) {
    if (isApiError(error) && (error.status === 409 || error.status === 404)) return 'skipped';
    throw error;
  }
};

const replay = async (taskId: string): Promise<'done' | 'skipped'> => {
  const query = { task_id: taskId, state: 'open', limit: 1 };
  const [deadLetter] = (await api.get<DeadLetterPage>('/api/v1/dead-letters', { query })).dead_letters;
  if (deadLetter === undefined) return 'skipped';
  try {
    await api.post(`/api/v1/dead-letters/${deadLetter.dead_letter_id}/replay`);
    return 'done';
  } catch (error) {
    if (isApiError(error) && error.status === 409) return 'skipped';
    throw error;
  }
};

const acts = { cancel, replay } as const satisfies Record<BulkAction, (taskId: string) => Promise<'done' | 'skipped'>>;

/** Requests under way at once: the browser has six connections, and the page needs some of them. */
const width = 3;

/** Milliseconds between two attempts while the server asks for patience. */
const retryMs = 1_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Acts on all of these tasks, or until it is stopped; reports after each. */
export const actOnAll = async (
  action: BulkAction,
  taskIds: readonly string[],
  { onProgress, signal }: { readonly onProgress: (progress: BulkProgress) => void; readonly signal: AbortSignal },
): Promise<BulkProgress> => {
  let progress = nothingDone;
  const left = [...taskIds];
  const report = (change: Partial<BulkProgress>): void => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  const work = async (): Promise<void> => {
    for (let taskId = left.shift(); taskId !== undefined && !signal.aborted; taskId = left.shift()) {
      try {
        const outcome = await acts[action](taskId);
        report({ [outcome]: progress[outcome] + 1 });
      } catch (error) {
        if (isApiError(error) && error.status === 429) {
          left.unshift(taskId);
          await pause((error.facts.retryAfterS ?? 1) * retryMs);
          continue;
        }
        report({ failed: progress.failed + 1, firstError: progress.firstError ?? error });
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return progress;
};

/** Tasks that one action takes at most. */
export const maxBulk = 10_000;

/** Ids of the tasks that an action can take, of all that match; reports while it reads. */
export const idsThatMatch = async (
  action: BulkAction,
  query: Query,
  { onCount, signal }: { readonly onCount: (count: number) => void; readonly signal: AbortSignal },
): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: TaskPage = await api.get<TaskPage>('/api/v1/tasks', {
      query: { ...query, limit: 100, cursor },
      signal,
    });
    for (const { task_id, status } of page.tasks) if (actsOn[action].includes(status)) ids.push(task_id);
    onCount(ids.length);
    cursor = page.next_cursor;
  } while (cursor !== null && ids.length < maxBulk);
  return ids.slice(0, maxBulk);
};
