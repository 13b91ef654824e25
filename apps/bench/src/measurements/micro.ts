import { paces } from '../micro/pace.js';
import { parts } from '../micro/parts.js';
import { figure } from '../report/figure.policy.js';
import type { Measurement } from './measurement.js';

const thousand = 1_000;

/** The pure parts, each as a multiple of something plain; fails when one has become slower than it may be. */
export const micro: Measurement = async ({ say }) => {
  const rows: string[][] = [];
  const failures: string[] = [];
  for (const { name, work, baseName, base, most } of await parts()) {
    const [taken = Infinity, least = 1] = await paces([work, base]);
    const ratio = taken / least;
    say(`${name}: ${figure(ratio)} x ${baseName}`);
    rows.push([name, figure(taken / thousand), baseName, figure(least / thousand), figure(ratio), figure(most)]);
    if (ratio > most) failures.push(`${name} takes ${figure(ratio)} x ${baseName}, more than ${figure(most)}`);
  }
  const columns = ['part', 'µs', 'beside', 'µs', 'ratio', 'at most'];
  return { tables: [{ title: 'Pure parts', columns, rows, notes: [] }], failures };
};
