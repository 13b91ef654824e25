import { devParaphrases, distractors, type Paraphrase, paraphrases } from '@pulser/testing/retrieval';

import { cosine } from '../src/index.js';
import { MiniLmEmbedder } from '../src/local/minilm.embedder.js';
import { bm25, centred, fused } from './other-orders.js';

type Order = (query: string, vector: readonly number[]) => readonly number[];

/** Texts with their vectors, and what is looked for among them. */
interface Corpus {
  readonly pairs: readonly Paraphrase[];
  readonly texts: readonly string[];
  readonly vectors: readonly (readonly number[])[];
  readonly queries: readonly (readonly number[])[];
}

const corpusOf = async (
  embedder: MiniLmEmbedder,
  pairs: readonly Paraphrase[],
  others: readonly string[],
): Promise<Corpus> => {
  const texts = [...pairs.flatMap(({ memory, nearMisses }) => [memory, ...nearMisses]), ...others];
  const vectors = await embedder.embed(texts);
  return { pairs, texts, vectors, queries: await embedder.embed(pairs.map(({ query }) => query)) };
};

const byCosine =
  ({ vectors }: Corpus): Order =>
  (_, query) =>
    vectors.map((vector) => cosine(query, vector));

/** Places of what was looked for, 1 being the first. */
const placesOf = ({ pairs, queries }: Corpus, order: Order): number[] =>
  pairs.map(({ query }, n) => {
    const scores = order(query, queries[n] ?? []);
    const wanted = scores[n * 3] ?? 0;
    return scores.filter((score) => score > wanted).length + 1;
  });

const share = (places: readonly number[], k: number): number =>
  places.filter((place) => place <= k).length / places.length;

const print = (name: string, places: readonly number[]): void => {
  const figures = [1, 3, 5, 10].map((k) => `r@${k} ${share(places, k).toFixed(3)}`);
  process.stdout.write(`${name}: ${figures.join(', ')}\n`);
};

// The large form takes two minutes: EMBEDDING_FIGURES=1 node deploy/local/jest.mjs libs/embedding/test/retrieval.spec.ts
const whole = process.env['EMBEDDING_FIGURES'] === '1';

describe('retrieval by meaning', () => {
  const embedder = new MiniLmEmbedder(60_000);

  afterAll(() => embedder.close());

  it('finds at least 85 of 100 paraphrases among the first five', async () => {
    const corpus = await corpusOf(embedder, paraphrases, distractors(whole ? 1_200 : 60));
    const places = placesOf(corpus, byCosine(corpus));
    print(`60 paraphrases among ${corpus.texts.length} texts`, places);
    expect(share(places, 5)).toBeGreaterThanOrEqual(0.85);
    if (whole) await printOthers(embedder);
  }, 600_000);
});

/** What other orders would bring, on pairs of their own. */
const printOthers = async (embedder: MiniLmEmbedder): Promise<void> => {
  const corpus = await corpusOf(embedder, devParaphrases, distractors(1_200, 77));
  const [meaning, words, moved] = [byCosine(corpus), bm25(corpus.texts), centred(corpus.vectors)];
  const orders: Readonly<Record<string, Order>> = {
    cosine: meaning,
    BM25: words,
    'both by equal ranks': (query, vector) => fused(meaning(query, vector), words(query)),
    'cosine less the mean of all texts': (_, vector) => moved(vector),
  };
  for (const [name, order] of Object.entries(orders))
    print(`${devParaphrases.length} others, ${name}`, placesOf(corpus, order));
};
