// What a run is asked to measure.
import { readOptions } from '@pulser/harness';
import { z } from 'zod';

import { measurementNames } from '../report/report.js';

const number = z.coerce.number();

const list = z.string().transform((text) => text.split(',').filter((item) => item !== ''));

const BenchOptions = z.strictObject({
  only: list.pipe(z.array(z.enum(measurementNames))).default([...measurementNames]),
  /** Rounds of the measurements that compare. */
  rounds: number.int().min(1).max(100).default(7),
  /** Length of a measured stretch, in seconds. */
  seconds: number.min(1).max(600).default(10),
  /** Load before each measured stretch, in seconds. */
  warmup: number.min(0).max(600).default(10),
  /** Pulser in other settings, and the peers, compared with Pulser: names, `all` or `none`. */
  peers: list.default(['all']),
  seed: number.int().min(0).default(1),
  /** Tasks of the measurements of latency (20,000 by default) and of the dashboard (1,000,000). */
  tasks: number.int().min(100).optional(),
  /** Events of the one task that has very many, in the measurement of the dashboard. */
  events: number.int().min(100).max(900_000).default(100_000),
  /** The measurement of memory also runs a million tasks. */
  soak: z.boolean().default(false),
  /** forky has RabbitMQ 4.3, trixie 4.0. */
  suite: z.enum(['forky', 'trixie']).default('forky'),
  /** Name of the instance of the servers: concurrent runs need different ones. */
  instance: z.string().default('bench'),
  /** Runs of the same name add to one result. */
  run: z
    .string()
    .regex(/^[\w-]+$/)
    .optional(),
  /** Result files to merge, later ones over earlier ones; nothing is measured. */
  report: list.optional(),
  /** Writes the tables and the chart into apps/bench. */
  write: z.boolean().default(false),
});

/** What a run is asked to do. */
export type BenchOptions = z.output<typeof BenchOptions>;

export const usage = `usage: npm run bench -- [--only ${measurementNames.join(',')}] [--rounds 7] [--seconds 10]
                       [--warmup 10] [--peers all|none|a,b] [--tasks N] [--events 100000] [--soak] [--seed 1]
                       [--suite forky|trixie] [--instance NAME] [--run NAME] [--report result.json,...] [--write]`;

/** @throws TypeError with one line that names the wrong option */
export const benchOptions = (args: readonly string[]): BenchOptions =>
  readOptions(BenchOptions, args, ['soak', 'write']);
