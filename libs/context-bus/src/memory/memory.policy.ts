// What memories are and how hits are ordered, apart from any database.
import { createHash } from 'node:crypto';

import type { MemoryTrust } from '@pulser/contracts';
import { type Passage, passagesOf } from '@pulser/embedding';

/** A memory to keep. */
export interface NewMemory {
  /** The agent that alone finds it; null: shared by all agents of the tenant. */
  readonly agent: string | null;
  readonly type: string;
  readonly content: string;
  readonly subject: string | null;
  readonly trust: MemoryTrust;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** RFC 3339; null: it is kept. */
  readonly expiresAt: string | null;
}

/** What is said twice about the same is one memory. */
export const identityOf = ({ agent, type, subject, content }: NewMemory): string =>
  JSON.stringify([agent, type, subject, hashOf(content)]);

/** SHA-256 in hexadecimal digits. */
export const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Passages that are embedded while a caller waits: about three seconds of MiniLM at worst. The rest is embedded later. */
const maxPassagesAtOnce = 8;

/** The passages of memories that are embedded at once, by their place; those left out are embedded in the background. */
export const passagesAtOnce = (contents: readonly string[]): ReadonlyMap<number, readonly Passage[]> => {
  const cut = contents.map((content, place) => ({ place, passages: passagesOf(content) }));
  return new Map(
    cut.filter(({ passages }) => passages.length <= maxPassagesAtOnce).map(({ place, passages }) => [place, passages]),
  );
};

export interface HitOrder {
  readonly limit: number;
  /** From 0 to 1. */
  readonly minScore: number;
  /** w, from 0 to 1. */
  readonly recencyWeight: number;
  readonly halfLifeDays: number;
}

const dayMs = 86_400_000;

/** (1 - w) x similarity + w x 0.5 ^ (age / half life), from 0 to 1. @param ageMs milliseconds */
export const scoreOf = (
  similarity: number,
  ageMs: number,
  { recencyWeight, halfLifeDays }: Pick<HitOrder, 'recencyWeight' | 'halfLifeDays'>,
): number => {
  const recency = 0.5 ** (Math.max(0, ageMs) / dayMs / halfLifeDays);
  return (1 - recencyWeight) * similarity + recencyWeight * recency;
};

/** Chunks that are taken from the table by similarity alone, before memories are made of them and ordered. */
export const candidatesFor = (limit: number): number => Math.max(200, 5 * limit);

interface Candidate {
  readonly memoryId: string;
  readonly similarity: number;
  readonly ageMs: number;
}

/** The best chunk of each memory, ordered by score; of equal ones the newer id first. */
export const orderedHits = <Row extends Candidate>(
  candidates: readonly Row[],
  order: HitOrder,
): (Row & { readonly score: number })[] => {
  const best = new Map<string, Row>();
  for (const row of candidates) {
    const known = best.get(row.memoryId);
    if (known === undefined || row.similarity > known.similarity) best.set(row.memoryId, row);
  }
  return [...best.values()]
    .map((row) => ({ ...row, score: scoreOf(row.similarity, row.ageMs, order) }))
    .filter(({ score }) => score >= order.minScore)
    .sort((one, other) => other.score - one.score || (one.memoryId < other.memoryId ? 1 : -1))
    .slice(0, order.limit);
};

/** Nine digits bring a 32-bit float back as it was. @see https://github.com/pgvector/pgvector#vector-type */
export const vectorText = (vector: readonly number[]): string =>
  `[${vector.map((value) => Number(value.toPrecision(9))).join(',')}]`;
