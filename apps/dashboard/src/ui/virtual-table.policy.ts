// How the keyboard goes through a list.

interface Place {
  /** The row that the keyboard is at; -1 before the first key. */
  readonly at: number;
  readonly count: number;
  /** Rows that a page has. */
  readonly page: number;
}

/** The row that a key leads to; undefined when it is no key of movement, or there is no row. */
export const stepTo = (key: string, { at, count, page }: Place): number | undefined => {
  if (count === 0) return undefined;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    j: at + 1,
    ArrowUp: at - 1,
    k: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const to = Object.hasOwn(steps, key) ? steps[key] : undefined;
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
};

/** All whole numbers from one to the other, both included, whichever is larger. */
export const rangeBetween = (from: number, to: number): number[] =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => Math.min(from, to) + index);
