import { readFileSync } from 'node:fs';

import type { Machine, Running } from '../contestants/contestant.js';
import { cpuTicks } from './cpu-ticks.policy.js';
import { processesAt, withDescendants } from './listening-process.js';

/** Microseconds of CPU time since its start, by process or server. */
export type CpuTime = ReadonlyMap<string, number>;

/** USER_HZ is 100 wherever Linux runs Node.js. */
const tickUs = 10_000;

const usedUs = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    try {
      return sum + cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * tickUs;
    } catch {
      // It has ended, or this is not Linux.
      return sum;
    }
  }, 0);

/** What a contestant's processes, the two servers and the load itself have used so far. */
export const cpuTime = ({ processes }: Running, { databaseUrl, amqpUrl }: Machine): CpuTime =>
  new Map([
    ...processes.map(({ name, pid }) => [name, usedUs(withDescendants(pid))] as const),
    ['PostgreSQL', usedUs(processesAt(databaseUrl))],
    ['RabbitMQ', usedUs(processesAt(amqpUrl))],
    ['load', usedUs([process.pid])],
  ]);
