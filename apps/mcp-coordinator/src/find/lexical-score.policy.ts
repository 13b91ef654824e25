// How well the words of a question fit the words of a tool: an embedding alone takes "list pods" for "list deployments".

const stopWords = new Set(
  'a an and are at be by can do for from get give has have how i in into is it its me my new of on one or our out please show the there this to up us was we what when which who will with you your'.split(
    ' ',
  ),
);

/** Words that people use for those of the catalogue. */
const synonyms: Readonly<Record<string, string>> = {
  remove: 'delete',
  erase: 'delete',
  drop: 'delete',
  add: 'create',
  make: 'create',
  open: 'create',
  launch: 'create',
  begin: 'start',
  pull_request: 'pr',
  vm: 'droplet',
  cpu: 'usage',
  memory: 'usage',
};

const stem = (word: string): string => word.replace(/(?:ies)$/, 'y').replace(/(?:ing|ed|es|s)$/, '');

/** Stems of the words that say something. */
export const wordsOf = (text: string): string[] =>
  (
    text
      .toLowerCase()
      .replaceAll('pull request', 'pull_request')
      .match(/[a-z0-9]+(?:_request)?/g) ?? []
  )
    .filter((word) => !stopWords.has(word))
    .flatMap((word) => {
      const known = synonyms[word];
      return known === undefined ? [stem(word)] : [stem(word), stem(known)];
    });

/** In how many of the texts a word is. */
export class WordWeights {
  private readonly counts = new Map<string, number>();

  constructor(private readonly texts: readonly ReadonlySet<string>[]) {
    for (const words of texts) for (const word of words) this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
  }

  /** As in BM25: what is in few texts counts more. */
  weightOf(word: string): number {
    const count = this.counts.get(word) ?? 0;
    return Math.log(1 + (this.texts.length - count + 0.5) / (count + 0.5));
  }
}

/** Share of the weight of the question's words that the text has, from 0 to 1. */
export const lexicalScore = (question: readonly string[], text: ReadonlySet<string>, weights: WordWeights): number => {
  let [all, shared] = [0, 0];
  for (const word of new Set(question)) {
    const weight = weights.weightOf(word);
    all += weight;
    if (text.has(word)) shared += weight;
  }
  return all === 0 ? 0 : shared / all;
};
