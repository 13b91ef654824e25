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
