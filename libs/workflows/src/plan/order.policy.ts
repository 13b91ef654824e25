// The order of steps: who comes before whom, and what is wrong with that.
export interface Ordered {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Steps that may run side by side, level by level; a step that stands in a circle, or after one, is in none. */
export const levelsOf = (steps: readonly Ordered[]): string[][] => {
  const placed = new Set<string>();
  const known = new Set(steps.map(({ name }) => name));
  const levels: string[][] = [];
  for (let rest = steps; rest.length > 0;) {
    const next = rest.filter(({ needs }) => needs.every((need) => placed.has(need) || !known.has(need)));
    if (next.length === 0) return levels;
    levels.push(next.map(({ name }) => name));
    for (const { name } of next) placed.add(name);
    rest = rest.filter(({ name }) => !placed.has(name));
  }
  return levels;
};

/** One circle among the steps, as names that each need the next; undefined without any. */
export const circleOf = (steps: readonly Ordered[]): string[] | undefined => {
  const placed = new Set(levelsOf(steps).flat());
  const stuck = new Map(steps.filter(({ name }) => !placed.has(name)).map((step) => [step.name, step]));
  const path: string[] = [];
  for (let at = [...stuck.keys()][0]; at !== undefined;) {
    const seen = path.indexOf(at);
    if (seen !== -1) return [...path.slice(seen), at];
    path.push(at);
    at = stuck.get(at)?.needs.find((need) => stuck.has(need));
  }
  return undefined;
};

/** For each step, all those that come before it. */
export const ancestorsOf = (steps: readonly Ordered[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const before = new Map<string, Set<string>>();
  for (const name of levelsOf(steps).flat()) {
    const needs = byName.get(name)?.needs ?? [];
    before.set(name, new Set(needs.flatMap((need) => [need, ...(before.get(need) ?? [])])));
  }
  return before;
};

/** A step and all those that come after it. */
export const descendantsOf = (steps: readonly Ordered[], name: string): ReadonlySet<string> => {
  const before = ancestorsOf(steps);
  return new Set([name, ...steps.map((step) => step.name).filter((other) => before.get(other)?.has(name) === true)]);
};
