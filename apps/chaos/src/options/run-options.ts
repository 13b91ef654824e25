import { readOptions } from '@pulser/harness';
import { z } from 'zod';

import { type FaultName, faultNames } from '../faults/fault-name.js';

const number = z.coerce.number();

const Faults = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(faultNames)));

const RunOptions = z.strictObject({
  minutes: number
    .min(0.5)
    .max(24 * 60)
    .default(30),
  seed: number.int().min(0).default(1),
  /** Tasks a second. */
  rate: number.min(1).max(2_000).default(60),
  /** Of the time, how much goes to one fault after the other, each with time to recover; the rest to many at once. */
  calm: number.min(0).max(1).default(0.35),
  /** forky has RabbitMQ 4.3, trixie 4.0. */
  suite: z.enum(['forky', 'trixie']).default('forky'),
  /** All of them when none is named. */
  faults: Faults.default([...faultNames]),
  /** Name of the instance of the servers; runs at the same time need different ones. */
  instance: z.string().default('chaos'),
});

/** What a run is asked to do. */
export interface RunOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  readonly calm: number;
  readonly suite: 'forky' | 'trixie';
  readonly faults: readonly FaultName[];
  readonly instance: string;
}

export const usage = `usage: npm run chaos -- [--minutes 30] [--seed 1] [--rate 60] [--calm 0.35] [--suite forky|trixie] [--faults a,b] [--instance NAME]
faults: ${faultNames.join(', ')}`;

/** @throws TypeError with one line that names the wrong option */
export const runOptions = (args: readonly string[]): RunOptions => readOptions(RunOptions, args);
