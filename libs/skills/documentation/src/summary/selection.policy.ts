// Which sentences stand for a text: near to what all of it is about, and far from one another.
// Maximal marginal relevance: Carbonell and Goldstein, SIGIR 1998. https://doi.org/10.1145/290941.291025

export type Vector = readonly number[];

/** Of two sentences that are as near to the whole, the one that repeats less is taken: 0.7 of the weight is nearness. */
const weight = 0.7;

const dot = (one: Vector, other: Vector): number => one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);

/** The direction of the mean, of length 1; of vectors that cancel each other, 0. */
export const centroidOf = (vectors: readonly Vector[]): Vector => {
  const sum = new Array<number>(vectors[0]?.length ?? 0).fill(0);
  for (const vector of vectors) vector.forEach((value, at) => (sum[at] = (sum[at] ?? 0) + value));
  const length = Math.sqrt(dot(sum, sum));
  return sum.map((value) => (length < 1e-9 ? 0 : value / length));
};

export interface Selected {
  readonly index: number;
  /** Cosine to the centroid, -1 to 1. */
  readonly relevance: number;
}

/**
 * @param vectors of length 1, in the order of the text
 * @returns the chosen ones, the first one first; of equals the earlier
 */
export const select = (vectors: readonly Vector[], count: number): Selected[] => {
  const centroid = centroidOf(vectors);
  const relevance = vectors.map((vector) => dot(vector, centroid));
  const nearest = vectors.map(() => 0);
  const open = new Set(vectors.keys());
  const chosen: Selected[] = [];
  while (chosen.length < count && open.size > 0) {
    let [best, bestValue] = [-1, -Infinity];
    for (const index of open) {
      const value = weight * (relevance[index] ?? 0) - (1 - weight) * (nearest[index] ?? 0);
      if (value > bestValue) [best, bestValue] = [index, value];
    }
    open.delete(best);
    chosen.push({ index: best, relevance: relevance[best] ?? 0 });
    for (const index of open)
      nearest[index] = Math.max(nearest[index] ?? 0, dot(vectors[index] ?? [], vectors[best] ?? []));
  }
  return chosen;
};

/** How much the chosen ones together are about what all are about: cosine of the two centroids. */
export const coverage = (vectors: readonly Vector[], chosen: readonly Selected[]): number =>
  dot(centroidOf(vectors), centroidOf(chosen.map(({ index }) => vectors[index] ?? [])));
