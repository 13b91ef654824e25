// The program around a run: its options, its seed, its folder, and how it ends.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { messageOf } from '@pulser/service-kit';
import type { z } from 'zod';

export const workspaceRoot = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Reads `--name value` by a schema with one entry per option.
 * @param flags options without a value
 * @throws TypeError with one line that names the wrong option
 */
export const readOptions = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  args: readonly string[],
  flags: readonly (keyof Shape & string)[] = [],
): z.output<z.ZodObject<Shape>> => {
  const type = (name: string): 'boolean' | 'string' => (flags.includes(name) ? 'boolean' : 'string');
  const options = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, { type: type(name) }]));
  const { values } = parseArgs({ args: [...args], options });
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new TypeError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; '));
};

/** Random numbers from a seed (mulberry32, by Tommy Ettinger, public domain): the same seed gives the same plan. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [from, to). */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number in [from, to]. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  /** True with a probability of `share`, 0 to 1. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** @throws RangeError when there are no items */
  pick<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new RangeError('There is nothing to choose from');
    return item;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }

  /** An independent sequence: what one part draws does not shift what another part draws. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}

/** Folder of the logs and results of a run: `.pulser/<harness>/<name>`. */
export class RunFolder {
  readonly path: string;

  /** @param harness the program that runs, for instance `chaos` */
  constructor(harness: string, name: string) {
    this.path = join(workspaceRoot, '.pulser', harness, name);
    mkdirSync(this.path, { recursive: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text);
  }

  append(name: string, line: string): void {
    appendFileSync(this.file(name), `${line}\n`);
  }
}

/** Runs `abandon` when the run is interrupted (servers and processes must not outlive it), then exits with 130. */
export const onInterrupt = (abandon: () => Promise<void>): void => {
  const stop = (): void => {
    void abandon().finally(() => {
      process.exit(130);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
};

/** EX_USAGE of sysexits.h. */
const usageCode = 64;

/** Runs a harness to the end of its process. Exit code 64, with the usage, for wrong options (TypeError); 1 for any other failure. */
export const runToExit = async (main: () => Promise<number>, usage: string): Promise<void> => {
  try {
    // Explicit: half-closed sockets of broken connections can keep the process alive forever.
    process.exit(await main());
  } catch (error) {
    const mistaken = error instanceof TypeError;
    process.stderr.write(`${messageOf(error)}\n${mistaken ? `${usage}\n` : ''}`);
    process.exitCode = mistaken ? usageCode : 1;
  }
};
