// How likely a session contains some steps in order (others may stand between them) when chance alone is at work.

/** The places of the first occurrence of the steps, each as early as possible; undefined when there is none. */
export const firstOccurrence = (items: readonly string[], steps: readonly string[]): number[] | undefined => {
  const places: number[] = [];
  for (const [place, item] of items.entries()) if (item === steps[places.length]) places.push(place);
  return places.length === steps.length ? places : undefined;
};

/**
 * When each place of a session is filled independently, each item as often as in the whole history. Exact: a walk through
 * the number of steps done, since the earliest match is a match whenever there is one.
 * @param shares of the steps among all items
 */
export const chanceOfSteps = (length: number, shares: readonly number[]): number => {
  let done = [1, ...shares.map(() => 0)];
  for (let place = 0; place < length; place += 1) {
    done = done.map((probability, step) => {
      const stays = probability * (1 - (shares[step] ?? 0));
      return stays + (step === 0 ? 0 : (done[step - 1] ?? 0) * (shares[step - 1] ?? 0));
    });
  }
  return done.at(-1) ?? 0;
};

const known = new Map<string, number>();

/**
 * When a session has its tasks, but in any order. Exact, over all orders of a multiset in which each step stands `counts`
 * times; other items do not matter. The steps differ from each other.
 */
export const chanceOfOrder = (counts: readonly number[]): number => {
  const key = counts.join();
  const before = known.get(key);
  if (before !== undefined) return before;
  const result = ordered([...counts], 0);
  known.set(key, result);
  return result;
};

const ordered = (left: readonly number[], done: number): number => {
  if (done === left.length) return 1;
  // No more of a step that is still to come: it cannot be reached.
  if (left.slice(done).includes(0)) return 0;
  const total = left.reduce((sum, count) => sum + count, 0);
  let chance = 0;
  for (const [step, count] of left.entries()) {
    if (count === 0) continue;
    const next = left.map((other, at) => (at === step ? other - 1 : other));
    chance += (count / total) * memoised(next, step === done ? done + 1 : done);
  }
  return chance;
};

const parts = new Map<string, number>();

const memoised = (left: readonly number[], done: number): number => {
  const key = `${done}:${left.join()}`;
  const before = parts.get(key);
  if (before !== undefined) return before;
  const result = ordered(left, done);
  // At most 20 tasks in a session and five steps bound the keys; a long-lived thread must not keep them all.
  if (parts.size > 100_000) parts.clear();
  parts.set(key, result);
  return result;
};
