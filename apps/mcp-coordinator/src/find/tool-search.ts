// Finds tools by what they are for: by the meaning of name and description, and by their words.
import { Injectable } from '@nestjs/common';
import { cosine, ProcessEmbedder, type Urgency } from '@pulser/embedding';

import type { RegisteredTool } from '../registry/definition.policy.js';
import { lexicalScore, wordsOf, WordWeights } from './lexical-score.policy.js';

export interface FoundTool {
  readonly tool: RegisteredTool;
  /** From 0 to 1. */
  readonly score: number;
}

/** How much the words count against the meaning. */
const wordShare = 0.4;

/** Vectors of definitions that are not offered any more are forgotten beyond so many. */
const maxVectors = 5_000;

/** Definitions that are embedded at a time in the background. */
const atATime = 8;

/** Characters of a description: some say at length what a few words would, and each takes the time of its length. */
const maxCharacters = 400;

const textOf = ({ tool, title, description }: RegisteredTool): string =>
  `${title ?? ''} ${tool.replaceAll('_', ' ')}: ${description.slice(0, maxCharacters)}`;

@Injectable()
export class ToolSearch {
  /** By the pin of the definition. */
  private readonly vectors = new Map<string, readonly number[]>();
  private embedding: Promise<void> = Promise.resolve();

  constructor(private readonly embedder: Pick<ProcessEmbedder, 'embed' | 'release'>) {}

  /** The best first. @throws EmbeddingUnavailable */
  async search(question: string, tools: readonly RegisteredTool[]): Promise<FoundTool[]> {
    const [asked] = await this.embedder.embed([question], 'now');
    await this.inTurn(() => this.embedMissing(tools, 'now'));
    const words = wordsOf(question);
    const texts = tools.map((tool) => new Set(wordsOf(textOf(tool))));
    const weights = new WordWeights(texts);
    return tools
      .map((tool, at) => {
        const meaning = cosine(asked ?? [], this.vectors.get(tool.pin) ?? []);
        const lexical = lexicalScore(words, texts[at] ?? new Set(), weights);
        return { tool, score: (1 - wordShare) * Math.max(0, meaning) + wordShare * lexical };
      })
      .sort((one, other) => other.score - one.score);
  }

  /** Embeds definitions before anybody asks; a question waits for a few of them at most. @throws EmbeddingUnavailable */
  async prepare(tools: readonly RegisteredTool[]): Promise<void> {
    const known = tools.slice(0, maxVectors);
    if (known.every(({ pin }) => this.vectors.has(pin))) return;
    for (let from = 0; from < known.length; from += atATime)
      await this.inTurn(() => this.embedMissing(known.slice(from, from + atATime), 'later'));
    await this.embedder.release();
  }

  /** One after the other: the second of two first questions finds the vectors that the first one has waited for. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.embedding = this.embedding.catch(() => undefined).then(work);
    return this.embedding;
  }

  private async embedMissing(tools: readonly RegisteredTool[], urgency: Urgency): Promise<void> {
    const missing = tools.filter(({ pin }) => !this.vectors.has(pin));
    if (missing.length === 0) return;
    if (this.vectors.size + missing.length > maxVectors) this.vectors.clear();
    const vectors = await this.embedder.embed(missing.map(textOf), urgency);
    for (const [at, vector] of vectors.entries()) {
      const tool = missing[at];
      if (tool !== undefined) this.vectors.set(tool.pin, vector);
    }
  }
}
