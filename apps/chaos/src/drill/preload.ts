// Loaded before an agent with `node --import`: breaks it from inside while the file DRILL_MODE_FILE names a mode.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { Publisher } from '@pulser/messaging';

import type { InsideMode } from './breakages.js';

/** How often the file is read, in milliseconds. */
const lookMs = 50;

/** A slow handler takes so many times as long. */
const slowness = 10;

/** Bytes that a leak keeps, by each step, and at most: over 90 % of the limits of the roster. */
const leak = { bytes: 16 * 2 ** 20, everyMs: 200, maxBytes: 2_900 * 2 ** 20 } as const;

const { DRILL_MODE_FILE: file = '', DRILL_MAY_LEAK: mayLeak } = process.env;

const readMode = (): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
};

let mode = readMode();
const is = (wanted: InsideMode): boolean => mode === wanted;

const kept: Buffer[] = [];

setInterval(() => {
  mode = readMode();
  if (!is('leak')) kept.length = 0;
}, lookMs).unref();

setInterval(() => {
  // Filled: memory that nobody touched is none yet.
  if (mayLeak === 'true' && is('leak') && kept.length * leak.bytes < leak.maxBytes)
    kept.push(Buffer.alloc(leak.bytes, 1));
}, leak.everyMs).unref();

const whileHanging = async (): Promise<void> => {
  while (is('lie') || is('hang')) await wait(lookMs);
};

interface Run {
  readonly result: Promise<unknown>;
}

/** The handler has its outcome: what of it is given on, and when. */
const passedOn = async (result: Promise<unknown>, startedAt: number): Promise<void> => {
  // An outcome that is an error waits as long.
  await result.catch(() => undefined);
  if (is('slow')) await wait((slowness - 1) * (performance.now() - startedAt));
  await whileHanging();
};

const broken = <R extends Run>(run: R): R => {
  const startedAt = performance.now();
  return { ...run, result: passedOn(run.result, startedAt).then(() => run.result) };
};

// The library does not export the class: only its runner starts handlers.
const module = new URL('./attempt/handlers.js', import.meta.resolve('@pulser/agent-runtime'));
const { Handlers } = (await import(module.href)) as { Handlers?: { prototype: { start?: (attempt: unknown) => Run } } };
const start = Handlers?.prototype.start;
if (Handlers === undefined || start === undefined) throw new TypeError('drill: there is no Handlers.start any more');
Handlers.prototype.start = function (this: unknown, attempt) {
  return broken(start.call(this, attempt));
};

// A liar reports free slots: with all of them taken it would be like one whose tasks take long.
const honest: unknown = Reflect.get(Publisher.prototype, 'publish');
if (typeof honest !== 'function') throw new TypeError('drill: there is no Publisher.publish any more');
Reflect.set(Publisher.prototype, 'publish', function (this: unknown, ...args: unknown[]): unknown {
  const [key, body, ...rest] = args;
  const isLie = key === 'agent.heartbeat' && is('lie');
  return Reflect.apply(honest, this, [key, isLie ? { ...(body as object), running: 0 } : body, ...rest]) as unknown;
});
