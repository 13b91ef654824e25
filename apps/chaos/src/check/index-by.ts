/** Items by a key that several may share. */
export const indexBy = <T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> => {
  const index = new Map<K, T[]>();
  for (const item of items) {
    const same = index.get(keyOf(item));
    if (same === undefined) index.set(keyOf(item), [item]);
    else same.push(item);
  }
  return index;
};
