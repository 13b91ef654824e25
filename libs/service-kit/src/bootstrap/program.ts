import type { EnvSource } from '../env/process-env.js';

/** What a process is there to run: one service, or, in embedded mode, all of them. */
export interface Program {
  readonly name: string;
  /** Reads its configuration and starts. Rejects when it cannot, after closing what it had opened. */
  readonly start: (source: EnvSource) => Promise<RunningProgram>;
}

export interface RunningProgram {
  readonly close: () => Promise<void>;
}
