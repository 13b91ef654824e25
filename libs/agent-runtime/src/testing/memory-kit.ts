// Memory in the test kit: the same checks and the same model as a worker's, rows in an array.
import { randomUUID } from 'node:crypto';

import { cosine, meanVector, passagesOf, ProcessEmbedder } from '@pulser/embedding';

import {
  embeddable,
  forgettable,
  keepable,
  type KeepableMemory,
  type MemoryCalls,
  searchable,
} from '../skills/memory-calls.js';
import type { MemoryHit } from '../skills/task-context.js';

interface KeptMemory extends KeepableMemory {
  readonly id: string;
  readonly vector: readonly number[];
  readonly createdAt: string;
}

/** What an agent remembers over several runs. One for several runs makes them tasks of one tenant and agent. */
export class MemoryOfTests {
  /** In the order in which they were kept. */
  readonly kept: KeptMemory[] = [];
}

const agent = 'agent';

/** Of the process: a second one would hold the model twice. It keeps no process alive. */
let shared: ProcessEmbedder | undefined;

const embedder = (): ProcessEmbedder =>
  (shared ??= new ProcessEmbedder({
    EMBEDDING_URL: undefined,
    EMBEDDING_KEY: undefined,
    EMBEDDING_MODEL: '',
    EMBEDDING_DIMENSIONS: 384,
    EMBEDDING_SHORTEN: false,
    EMBEDDING_IDLE_S: 5,
  }));

const embed = async (texts: readonly string[]): Promise<number[][]> => {
  const passages = texts.map((text) => passagesOf(text).map(({ from, to }) => text.slice(from, to)));
  const vectors = await embedder().embed(passages.flat());
  return passages.map(({ length }) => meanVector(vectors.splice(0, length)) ?? []);
};

const isAlive = ({ expiresAt }: KeptMemory): boolean => expiresAt === null || Date.parse(expiresAt) > Date.now();

const hitOf = ({ id, type, content, subject, metadata, trust, createdAt }: KeptMemory, score: number): MemoryHit => ({
  ...{ id, type, content, subject, metadata, trust, createdAt },
  score,
});

export const memoryKit = ({ kept }: MemoryOfTests): MemoryCalls => ({
  remember: async (given) => {
    const wanted = keepable(given, agent);
    const vectors = await embed(wanted.map(({ content }) => content));
    return wanted.map((memory, at) => {
      const same = kept.findIndex(
        (one) => one.type === memory.type && one.subject === memory.subject && one.content === memory.content,
      );
      const [old] = same === -1 ? [] : kept.splice(same, 1);
      const { id, createdAt } = old ?? { id: randomUUID(), createdAt: new Date().toISOString() };
      kept.push({ ...memory, id, createdAt, vector: vectors[at] ?? [] });
      return id;
    });
  },
  searchMemory: async (given) => {
    const { text, type, subject, limit, minScore } = searchable(given);
    const [query = []] = await embed([text]);
    return kept
      .filter((one) => isAlive(one) && one.type === (type ?? one.type) && one.subject === (subject ?? one.subject))
      .map((one) => hitOf(one, Math.max(0, cosine(query, one.vector))))
      .filter(({ score }) => score >= minScore)
      .sort((one, other) => other.score - one.score)
      .slice(0, limit);
  },
  forgetMemory: (given) => {
    const { ids, type, subject } = forgettable(given);
    const gone = kept.filter(
      (one) =>
        (ids === undefined || ids.includes(one.id)) &&
        one.type === (type ?? one.type) &&
        one.subject === (subject ?? one.subject),
    );
    for (const one of gone) kept.splice(kept.indexOf(one), 1);
    return Promise.resolve(gone.length);
  },
  embed: (given) => embed(embeddable(given)),
});
