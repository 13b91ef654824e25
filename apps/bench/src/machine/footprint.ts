import { setTimeout as wait } from 'node:timers/promises';

import type { Machine, Running } from '../contestants/contestant.js';
import { processesAt } from './listening-process.js';
import { residentBytes, sharedBytes } from './memory.js';

/** Bytes, by process or server; those that cannot be read are missing. */
export type Footprint = ReadonlyMap<string, number>;

const sampleMs = 500;

/** What a contestant's processes and the two servers hold now. */
export const footprint = ({ processes }: Running, { databaseUrl, amqpUrl }: Machine): Footprint => {
  const servers = [
    ['PostgreSQL', sharedBytes(processesAt(databaseUrl))],
    ['RabbitMQ', sharedBytes(processesAt(amqpUrl))],
  ] as const;
  const own = processes.map(({ name, pid }) => [name, residentBytes(pid)] as const);
  return new Map([...own, ...servers].flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes]])));
};

/** The most of each. */
export const highest = (footprints: readonly Footprint[]): Footprint => {
  const most = new Map<string, number>();
  for (const one of footprints) for (const [name, bytes] of one) most.set(name, Math.max(bytes, most.get(name) ?? 0));
  return most;
};

/** Looks again and again while something goes on. @returns the most of each */
export const highestDuring = async (look: () => Footprint, work: Promise<unknown>): Promise<Footprint> => {
  const over = new AbortController();
  const ended = work.finally(() => {
    over.abort();
  });
  // It is awaited below; until then nobody else hears of its failure.
  ended.catch(() => undefined);
  const found = [look()];
  while (!over.signal.aborted) {
    await wait(sampleMs, undefined, { signal: over.signal }).catch(() => undefined);
    found.push(look());
  }
  await ended;
  return highest(found);
};
