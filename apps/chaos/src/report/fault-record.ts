import type { FaultName } from '../faults/fault-name.js';

/** One fault of a run, as a line of its report. */
export interface FaultRecord {
  readonly fault: FaultName;
  readonly seed: number;
  /** Which of its kind, from 1. */
  readonly count: number;
  readonly at: string;
  readonly detail?: string | undefined;
  /** Tasks whose life touched this fault. */
  readonly lost: number;
  readonly doubled: number;
  /** Milliseconds; null where there was nothing to notice, or nobody noticed. */
  readonly detect_ms: number | null;
  readonly recover_ms: number | null;
  /** Whether nothing else was broken meanwhile. */
  readonly alone: boolean;
  readonly unavailable?: string | undefined;
  readonly broken?: readonly string[] | undefined;
}
