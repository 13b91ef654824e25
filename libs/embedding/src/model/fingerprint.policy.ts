// How a model is recognised: by the vectors of five fixed sentences. A name proves nothing, because a server may change
// what it serves under it.
import type { Embedder } from './embedder.js';
import { cosine } from './vectors.policy.js';

/** Never to be changed: stored fingerprints are vectors of these. */
export const fingerprintSentences = [
  'The quick brown fox jumps over the lazy dog.',
  'Invoices are due within thirty days of delivery.',
  'SELECT region, sum(amount) FROM sales GROUP BY region',
  'Der Zug nach Hamburg fährt heute von Gleis sieben.',
  'Error 503: the service is temporarily unavailable, try again later.',
] as const;

/** The same model on other hardware or in another precision stays above it; other models are far below. */
const leastCosine = 0.999;

/** The five vectors, one after the other. @throws EmbeddingUnavailable */
export const fingerprintOf = async (embedder: Embedder): Promise<number[]> =>
  (await embedder.embed(fingerprintSentences)).flat();

/** Whether two fingerprints are of one model: each sentence by itself. */
export const fingerprintAgrees = (known: readonly number[], found: readonly number[]): boolean => {
  if (known.length !== found.length || known.length % fingerprintSentences.length !== 0) return false;
  const dimensions = known.length / fingerprintSentences.length;
  return fingerprintSentences.every((_, n) => {
    const part = (of: readonly number[]): readonly number[] => of.slice(n * dimensions, (n + 1) * dimensions);
    return cosine(part(known), part(found)) >= leastCosine;
  });
};
