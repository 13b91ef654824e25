import type { Writable } from 'node:stream';

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Tells whoever waits what is being done. */
export class Progress {
  private readonly startedAt = performance.now();

  constructor(private readonly output: Writable) {}

  /** Says what begins, and how long it took. */
  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.output.write(`${what} ...`);
    try {
      const result = await work();
      this.output.write(` ${inSeconds(performance.now() - startedAt)}\n`);
      return result;
    } catch (error) {
      this.output.write('\n');
      throw error;
    }
  }

  /** Since the start of the process, nearly. */
  get elapsed(): string {
    return inSeconds(performance.now() - this.startedAt);
  }
}
