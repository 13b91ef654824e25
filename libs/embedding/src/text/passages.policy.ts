// Long texts are embedded in passages, because MiniLM does not see what comes after its 256th token.

/** A part of a text: from this UTF-16 unit up to before that one. */
export interface Passage {
  readonly from: number;
  readonly to: number;
}

/** Of the 256 tokens two are the model's own; the rest is kept free because tokens are estimated. */
const maxTokens = 240;
/** A passage begins with the end of the one before, so that what is said across a boundary is found. */
const maxOverlapTokens = 48;
/** Words that WordPiece splits further get more than one token; its average over English prose is 1.3 a word. */
const lettersPerToken = 3;
const latinWord = /^[a-z\u00c0-\u024f]+$/i;

const words = new Intl.Segmenter('en', { granularity: 'word' });
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Tokens that a word takes at most, estimated: letters of other scripts, digits and signs count one each. */
const tokensOfWord = (word: string): number => {
  if (word.trim() === '') return 0;
  return latinWord.test(word) ? Math.ceil(word.length / lettersPerToken) : word.length;
};

interface Piece extends Passage {
  readonly tokens: number;
}

/** @returns `end`, or one less where it would cut a surrogate pair */
const wholeCharacters = (text: string, end: number): number => {
  const unit = text.charCodeAt(end - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? end - 1 : end;
};

/** A word that fills more than a passage, cut between characters. */
const characterPieces = (text: string, { from, to }: Passage): Piece[] => {
  const pieces: Piece[] = [];
  for (let start = from; start < to;) {
    const end = start + maxTokens >= to ? to : wholeCharacters(text, start + maxTokens);
    pieces.push({ from: start, to: end, tokens: end - start });
    start = end;
  }
  return pieces;
};

/** A sentence that fills more than a passage, cut between words. */
const wordPieces = (text: string, { from, to }: Passage): Piece[] => {
  const pieces: Piece[] = [];
  let start = from;
  let tokens = 0;
  const cut = (at: number): void => {
    if (at > start) pieces.push({ from: start, to: at, tokens });
    start = at;
    tokens = 0;
  };
  for (const { segment, index } of words.segment(text.slice(from, to))) {
    const word = { from: from + index, to: from + index + segment.length };
    const size = tokensOfWord(segment);
    if (tokens + size > maxTokens) cut(word.from);
    if (size > maxTokens) {
      pieces.push(...characterPieces(text, word));
      start = word.to;
    } else tokens += size;
  }
  cut(to);
  return pieces;
};

const sentencePieces = (text: string): Piece[] =>
  [...sentences.segment(text)].flatMap(({ segment, index }) => {
    const passage = { from: index, to: index + segment.length };
    const tokens = [...words.segment(segment)].reduce((sum, word) => sum + tokensOfWord(word.segment), 0);
    return tokens <= maxTokens ? [{ ...passage, tokens }] : wordPieces(text, passage);
  });

const sum = (pieces: readonly Piece[]): number => pieces.reduce((total, { tokens }) => total + tokens, 0);

/** The last whole pieces of a passage that fit into the overlap, unless they are all of it. */
const overlapOf = (pieces: readonly Piece[]): Piece[] => {
  const overlap: Piece[] = [];
  for (const piece of pieces.slice(1).reverse()) {
    if (sum(overlap) + piece.tokens > maxOverlapTokens) break;
    overlap.unshift(piece);
  }
  return overlap;
};

/**
 * The passages of a text, in order: whole sentences while they fit, each beginning with the last ones of the passage
 * before. Together they cover the text. One passage when the text is short, also when it is empty.
 */
export const passagesOf = (text: string): Passage[] => {
  const passages: Passage[] = [];
  let open: Piece[] = [];
  const close = (): void => {
    const [first, last] = [open[0], open.at(-1)];
    if (first !== undefined && last !== undefined) passages.push({ from: first.from, to: last.to });
  };
  for (const piece of sentencePieces(text)) {
    if (open.length > 0 && sum(open) + piece.tokens > maxTokens) {
      close();
      open = overlapOf(open);
      while (open.length > 0 && sum(open) + piece.tokens > maxTokens) open.shift();
    }
    open.push(piece);
  }
  close();
  return passages.length === 0 ? [{ from: 0, to: text.length }] : passages;
};

/** What the model is given of a text: one spelling of each character (NFC), no runs of white space. */
export const modelText = (text: string): string => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
