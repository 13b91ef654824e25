import type { Writable } from 'node:stream';

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Shows the user what the start is doing and how long each step took. */
export class Progress {
  private readonly startedAt = performance.now();

  constructor(private readonly output: Writable) {}

  /** Prints the step before it begins, and its seconds when it has succeeded. */
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

  /** Time since this object was made, which is the first thing that the process does. */
  get elapsed(): string {
    return inSeconds(performance.now() - this.startedAt);
  }
}
