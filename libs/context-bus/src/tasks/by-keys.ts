interface TaskKey {
  readonly tenantId: string;
  readonly taskId: string;
}

/**
 * A condition that the key of a row is among those of `keyValues`, as the parameters from number `first` on. Joining by
 * the keys is not enough: a plan lives as long as its connection, and one that was made while a partition was empty reads
 * the whole of it (or of a partial index, with all that is dead in there) for every statement. The ends of the keys leave
 * out the partitions of other weeks.
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
