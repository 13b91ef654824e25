import { Coalescer, type CoalescerOptions } from './coalescer.js';

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
