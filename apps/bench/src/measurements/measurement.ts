import type { Contestant, Machine } from '../contestants/contestant.js';
import type { BenchOptions } from '../options/bench-options.js';
import type { Finding } from '../report/finding.js';

/** What a measurement has. */
export interface Bench {
  readonly machine: Machine;
  /** Pulser first. */
  readonly contestants: readonly Contestant[];
  /** Who is not among them, and why. */
  readonly absent: readonly string[];
  readonly options: BenchOptions;
  readonly say: (line: string) => void;
}

/** @throws when there is nothing to report at all */
export type Measurement = (bench: Bench) => Promise<Finding>;
