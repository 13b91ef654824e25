// Tasks with a unique key, within the transaction that inserts them: one submission of a key at a time looks for the newest
// task that has it.
import type { TaskStatus, UniqueKey } from '@pulser/contracts';
import { statement, type TenantTransaction } from '@pulser/database';

import { actingAs, systemActor } from '../audit/actor.js';
import { cancelIn, type Cancelled } from './endings.js';
import { type EarlierTask, uniqueVerdict } from './unique-tasks.policy.js';

// In one order, so that no two batches wait for each other.
const lock = statement(
  'unique.lock',
  `select pg_advisory_xact_lock(k.id) from (
     select distinct hashtextextended((select pulser.tenant_id()) || key, 0) as id from unnest($1::text[]) key order by 1
   ) k`,
);

const newest = statement(
  'unique.newest',
  `select k.key, t.task_id as "taskId", t.status, extract(epoch from now() - t.created_at)::float8 as "ageS"
   from (select distinct key from unnest($1::text[]) key) k cross join lateral (
     select task_id, status, created_at from task_queue
     where tenant_id = (select pulser.tenant_id()) and unique_key = k.key order by task_id desc limit 1
   ) t`,
);

interface NewestRow extends EarlierTask {
  readonly key: string;
}

interface Unique {
  readonly unique?: UniqueKey | undefined;
}

/** What becomes of each of some tasks. */
export type Placement =
  | { readonly kind: 'create' }
  | { readonly kind: 'existing'; readonly taskId: string; readonly status: TaskStatus }
  /** As an earlier one of the same submission, by its number. */
  | { readonly kind: 'same'; readonly as: number };

export interface UniquePlacements {
  readonly placements: readonly Placement[];
  /** Tasks that gave way, with their descendants. */
  readonly cancelled: readonly Cancelled[];
}

/** Of several tasks of one submission with the same key the first counts. */
export const placeUnique = async (
  transaction: TenantTransaction,
  tasks: readonly Unique[],
): Promise<UniquePlacements> => {
  const keys = tasks.flatMap(({ unique }) => unique?.key ?? []);
  await transaction.query(lock, [keys]);
  const earlier = new Map((await transaction.query<NewestRow>(newest, [keys])).map((row) => [row.key, row]));
  const firsts = new Map<string, number>();
  const givingWay: string[] = [];
  const placements = tasks.map(({ unique }, n): Placement => {
    if (unique === undefined) return { kind: 'create' };
    const first = firsts.get(unique.key);
    if (first !== undefined) return { kind: 'same', as: first };
    const verdict = uniqueVerdict(unique, earlier.get(unique.key));
    if (verdict.kind === 'skip') return { kind: 'existing', ...verdict.earlier };
    if (verdict.kind === 'replace') givingWay.push(verdict.taskId);
    firsts.set(unique.key, n);
    return { kind: 'create' };
  });
  return { placements, cancelled: await cancelAll(transaction, givingWay) };
};

const cancelAll = async (transaction: TenantTransaction, taskIds: readonly string[]): Promise<Cancelled[]> => {
  if (taskIds.length === 0) return [];
  await actingAs(transaction, systemActor('unique key'));
  const cancelled: Cancelled[] = [];
  for (const taskId of taskIds) cancelled.push(...(await cancelIn(transaction, taskId)));
  return cancelled;
};
