// How rows of tasks are named: by key, by claim (fenced by the epoch), and in statements over many of them.

interface TaskKey {
  readonly tenantId: string;
  readonly taskId: string;
}

/** Names one attempt: a write that carries it does nothing once another one has begun. */
export interface ClaimRef extends TaskKey {
  readonly epoch: number;
}

/** Sorted by id, so that two statements over the same rows lock them in the same order. */
export const inLockOrder = <T extends { readonly taskId: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId)));

/** The columns of claims, as parameters of `unnest`. */
export const refColumns = (refs: readonly ClaimRef[]): [string[], string[], number[]] => [
  refs.map(({ tenantId }) => tenantId),
  refs.map(({ taskId }) => taskId),
  refs.map(({ epoch }) => epoch),
];

/**
 * A condition that the key of a row is among those of `keyValues`, as the parameters from number `first` on. A join by the
 * keys is not enough: a plan lives as long as its connection, and one that was made while a partition was empty reads
 * the whole of it (or of a partial index, with all its dead entries) for every statement. The min/max id range enables
 * partition pruning.
 */
export const byKeys = (row: string, first: number): string =>
  `${row}.tenant_id = any ($${first}) and ${row}.task_id = any ($${first + 1}) ` +
  `and ${row}.task_id between $${first + 2} and $${first + 3}`;

/** @param keys in lock order, at least one */
export const keyValues = (
  keys: readonly TaskKey[],
): readonly [string[], string[], string | undefined, string | undefined] => {
  const ids = keys.map(({ taskId }) => taskId);
  return [[...new Set(keys.map(({ tenantId }) => tenantId))], ids, ids[0], ids.at(-1)];
};

/** Ids of one tenant with the ends of their range, which enables partition pruning. */
export const idValues = (taskIds: readonly string[]): unknown[] => {
  const sorted = [...taskIds].sort();
  return [sorted, sorted[0], sorted.at(-1)];
};

/** Numbers of events per epoch: `seq` of an event is epoch * attemptSpan + its place in the attempt. */
export const attemptSpan = 1_000_000;
