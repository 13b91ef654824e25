// Concurrent calls that share work: batches, and one call for all who ask the same.
import { setTimeout as wait } from 'node:timers/promises';

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface CoalescerOptions<Item, Answer> {
  /** Answers in the order of the items. */
  readonly flush: (items: Item[]) => Promise<Answer[]>;
  readonly maxItems?: number;
  /** Milliseconds from the end of a flush to the next, for items that no caller waits for. */
  readonly pauseMs?: number;
  /** Whether an error concerns the whole batch: then no item is tried again alone. */
  readonly sharedFailure: (error: unknown) => boolean;
}

/**
 * Turns concurrent calls into batches without an artificial delay: while one flush is in flight the next batch gathers.
 * One bad item does not fail its neighbours: a failed batch is halved until the culprit stands alone.
 */
export class Coalescer<Item, Answer> {
  private waiting: Waiting<Item, Answer>[] = [];
  private flushing = false;

  constructor(private readonly options: CoalescerOptions<Item, Answer>) {}

  get idle(): boolean {
    return !this.flushing && this.waiting.length === 0;
  }

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.flushing) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.flushing = true;
    // Calls of the same turn of the event loop share the first batch.
    await Promise.resolve();
    const { maxItems = 1_000, pauseMs } = this.options;
    while (this.waiting.length > 0) {
      await this.settle(this.waiting.splice(0, maxItems));
      if (pauseMs !== undefined) await wait(pauseMs, undefined, { ref: false });
    }
    this.flushing = false;
  }

  private async settle(batch: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.options.flush(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(answers[index] as Answer);
      });
    } catch (error) {
      await this.recover(batch, error);
    }
  }

  private async recover(batch: Waiting<Item, Answer>[], error: unknown): Promise<void> {
    if (batch.length === 1 || this.options.sharedFailure(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.settle(batch.slice(0, half));
    await this.settle(batch.slice(half));
  }
}

/** One coalescer a key (a tenant, say), kept only while it has work. */
export class KeyedCoalescer<Key, Item, Answer> {
  private readonly byKey = new Map<Key, Coalescer<Item, Answer>>();

  constructor(private readonly optionsFor: (key: Key) => CoalescerOptions<Item, Answer>) {}

  async add(key: Key, item: Item): Promise<Answer> {
    const coalescer = this.byKey.get(key) ?? this.create(key);
    try {
      return await coalescer.add(item);
    } finally {
      if (coalescer.idle) this.byKey.delete(key);
    }
  }

  private create(key: Key): Coalescer<Item, Answer> {
    const coalescer = new Coalescer(this.optionsFor(key));
    this.byKey.set(key, coalescer);
    return coalescer;
  }
}

/** One call a key at a time: whoever asks while it runs gets its answer. */
export class SingleFlight<Key, Answer> {
  private readonly running = new Map<Key, Promise<Answer>>();

  run(key: Key, call: () => Promise<Answer>): Promise<Answer> {
    const known = this.running.get(key);
    if (known !== undefined) return known;
    const started = call().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }
}
