/** The middle of some figures, and between which all of them are. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

/** Figures of one round, by contestant; one that failed has none. */
export type Round = Readonly<Partial<Record<string, number>>>;

/** @throws RangeError when there is none */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError('there is no median of nothing');
  return (low + high) / 2;
};

/** Undefined when there are no figures. */
export const spread = (values: readonly number[]): Spread | undefined =>
  values.length === 0
    ? undefined
    : { median: median(values), least: Math.min(...values), most: Math.max(...values), count: values.length };

/** The figures of one contestant. */
export const figuresOf = (rounds: readonly Round[], name: string): number[] =>
  rounds.flatMap(({ [name]: figure }) => figure ?? []);

/** Ours to theirs, round by round: what slowed a round down slowed both down. */
export const ratios = (rounds: readonly Round[], ours: string, theirs: string): number[] =>
  rounds.flatMap(({ [ours]: one, [theirs]: other }) => (one === undefined || other === undefined ? [] : one / other));
