// Numbers drawn from a seed: the same for the same names, whatever else is drawn.
import { createHash } from 'node:crypto';

/** @returns 32 bits */
export const seedFor = (seed: number, ...names: readonly string[]): number =>
  createHash('sha256')
    .update(JSON.stringify([seed, ...names]))
    .digest()
    .readInt32LE();

/** So many of a list, spread over it: the first and the last among them. */
export const spread = <T>(all: readonly T[], count: number): T[] => {
  if (all.length <= count) return [...all];
  const step = (all.length - 1) / Math.max(1, count - 1);
  return [...new Set(Array.from({ length: count }, (_, n) => all[Math.round(n * step)] as T))];
};
