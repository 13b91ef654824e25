// What else texts could be ordered by than the cosine alone: tried on pairs of their own, none of it is used.
import { cosine, unitVector } from '../src/index.js';

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** Scores of texts for a query by its words: https://en.wikipedia.org/wiki/Okapi_BM25, k1 = 1.2, b = 0.75. */
export const bm25 = (texts: readonly string[]): ((query: string) => number[]) => {
  const documents = texts.map(wordsOf);
  const mean = documents.reduce((sum, words) => sum + words.length, 0) / documents.length;
  const frequency = new Map<string, number>();
  for (const words of documents) for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const weight = (word: string): number => {
    const own = frequency.get(word) ?? 0;
    return Math.log(1 + (documents.length - own + 0.5) / (own + 0.5));
  };
  return (query) =>
    documents.map((words) =>
      [...new Set(wordsOf(query))].reduce((sum, word) => {
        const times = words.filter((one) => one === word).length;
        return sum + (weight(word) * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * words.length) / mean));
      }, 0),
    );
};

const places = (scores: readonly number[]): number[] => {
  const order = scores.map((score, at) => ({ score, at })).sort((one, other) => other.score - one.score);
  const place = Array<number>(scores.length).fill(0);
  order.forEach(({ at }, n) => (place[at] = n));
  return place;
};

/** Reciprocal rank fusion with equal weights, k = 60. */
export const fused = (one: readonly number[], other: readonly number[]): number[] => {
  const [first, second] = [places(one), places(other)];
  return one.map((_, at) => 1 / (60 + (first[at] ?? 0)) + 1 / (60 + (second[at] ?? 0)));
};

/** Cosines after the mean of all texts is taken away from every vector. */
export const centred = (vectors: readonly (readonly number[])[]): ((query: readonly number[]) => number[]) => {
  const [first = []] = vectors;
  const mean = first.map((_, at) => vectors.reduce((sum, vector) => sum + (vector[at] ?? 0), 0) / vectors.length);
  const moved = (vector: readonly number[]): number[] =>
    unitVector(vector.map((value, at) => value - (mean[at] ?? 0))) ?? [];
  const all = vectors.map(moved);
  return (query) => all.map((vector) => cosine(moved(query), vector));
};
