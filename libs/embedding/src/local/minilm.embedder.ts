// all-MiniLM-L6-v2 in this process: one thread, which is there while there are texts, and its queue.
import { Worker } from 'node:worker_threads';

import type { Embedder, EmbeddingModel, Urgency } from '../model/embedder.js';
import { EmbeddingUnavailable } from '../errors.js';
import { unitVector } from '../model/vectors.policy.js';
import { modelText } from '../text/passages.policy.js';

/** From 24 texts a call on, the library starts a thread per core, each with a model of its own. Few, so that a search does not wait long. */
const maxTextsPerCall = 8;
/** Texts that may wait: at 25 ms each, more than a caller would wait for. */
const maxWaiting = 20_000;
/** The 256 tokens that the model sees have no more: a longer text costs time without changing the vector. */
const maxCharacters = 8_000;
const heapMb = 256;

interface Wanted {
  readonly text: string;
  readonly resolve: (vector: number[]) => void;
  readonly reject: (error: Error) => void;
}

interface Answer {
  readonly id: number;
  readonly vectors?: number[][];
  readonly failure?: string;
}

const entry = new URL(`./minilm.worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** One for a process: two would hold the model twice. */
export class MiniLmEmbedder implements Embedder {
  readonly model: EmbeddingModel = { name: 'all-MiniLM-L6-v2', dimensions: 384 };
  private readonly waiting: Record<Urgency, Wanted[]> = { now: [], later: [] };
  private readonly asked = new Map<number, readonly Wanted[]>();
  private thread: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;
  private calls = 0;
  /** A caller has waited for a vector of this thread. */
  private wasUrgent = false;

  /** @param idleMs milliseconds after which a thread without texts gives its memory back */
  constructor(private readonly idleMs: number) {}

  async embed(texts: readonly string[], urgency: Urgency = 'now'): Promise<number[][]> {
    if (this.waiting[urgency].length + texts.length > maxWaiting)
      throw new EmbeddingUnavailable(`${this.waiting[urgency].length} texts wait already`);
    const vectors = texts.map(
      (text) =>
        new Promise<number[]>((resolve, reject) => {
          this.waiting[urgency].push({ text: modelText(text.slice(0, maxCharacters)), resolve, reject });
        }),
    );
    this.askNext();
    return Promise.all(vectors);
  }

  /** Gives the memory back before it was idle for long, unless callers wait or have waited: they may ask again. */
  async release(): Promise<void> {
    const { now, later } = this.waiting;
    if (this.asked.size + now.length + later.length === 0 && !this.wasUrgent) await this.end('its work is done');
  }

  async close(): Promise<void> {
    await this.end('the service stops');
  }

  /** Whether the model is in memory. */
  get loaded(): boolean {
    return this.thread !== undefined;
  }

  // One call at a time, so that what is urgent comes next.
  private askNext(): void {
    if (this.asked.size > 0) return;
    const from = this.waiting.now.length > 0 ? this.waiting.now : this.waiting.later;
    const next = from.splice(0, maxTextsPerCall);
    if (next.length === 0) return;
    clearTimeout(this.idle);
    this.wasUrgent ||= from === this.waiting.now;
    const thread = (this.thread ??= this.start());
    const id = ++this.calls;
    this.asked.set(id, next);
    thread.ref();
    thread.postMessage({ id, texts: next.map(({ text }) => text) });
  }

  private start(): Worker {
    const thread = new Worker(entry, { env: {}, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    thread.on('message', (answer: Answer) => {
      this.take(answer);
    });
    const lost = (reason: unknown): void => {
      if (this.thread === thread) void this.end(`the thread of the model ended (${String(reason)})`);
    };
    thread.on('error', lost).on('exit', lost);
    return thread;
  }

  private take({ id, vectors, failure }: Answer): void {
    const wanted = this.asked.get(id) ?? [];
    this.asked.delete(id);
    wanted.forEach(({ resolve, reject }, at) => {
      const vector = unitVector(vectors?.[at] ?? []);
      if (vector === undefined) reject(new EmbeddingUnavailable(failure ?? 'the model gave no vector'));
      else resolve(vector);
    });
    this.askNext();
    if (this.asked.size > 0) return;
    // An idle thread keeps no process alive.
    this.thread?.unref();
    this.idle = setTimeout(() => void this.end('it was idle'), this.idleMs).unref();
  }

  private async end(reason: string): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    this.wasUrgent = false;
    clearTimeout(this.idle);
    const left = [...this.asked.values(), this.waiting.now.splice(0), this.waiting.later.splice(0)].flat();
    this.asked.clear();
    for (const { reject } of left) reject(new EmbeddingUnavailable(reason));
    await thread?.terminate();
  }
}
