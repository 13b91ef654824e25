import type { ServiceKind } from '../processes/service-kind.js';

export interface CrashStep {
  readonly kinds: readonly ServiceKind[];
  readonly moments: readonly Moment[];
  /** How many times a process takes the step before it dies there, at most: steps that are rare must not be waited for. */
  readonly most: number;
}

export type Moment = 'before' | 'after';

const both: readonly Moment[] = ['before', 'after'];

/** The durable steps of a task's life, and the programs that take them. */
export const crashSteps = {
  insert: { kinds: ['gateway', 'router'], moments: both, most: 12 },
  commit: { kinds: ['gateway', 'router'], moments: both, most: 12 },
  publish: { kinds: ['gateway'], moments: both, most: 12 },
  confirm: { kinds: ['gateway'], moments: ['after'], most: 12 },
  answer: { kinds: ['gateway'], moments: both, most: 12 },
  route: { kinds: ['router'], moments: both, most: 12 },
  take: { kinds: ['router'], moments: both, most: 3 },
  'sweep-start': { kinds: ['router'], moments: both, most: 5 },
  'sweep-lose': { kinds: ['router'], moments: both, most: 1 },
  'sweep-late': { kinds: ['router'], moments: both, most: 1 },
  claim: { kinds: ['worker'], moments: both, most: 12 },
  renew: { kinds: ['worker'], moments: both, most: 1 },
  effect: { kinds: ['worker'], moments: both, most: 12 },
  result: { kinds: ['worker'], moments: both, most: 12 },
  retry: { kinds: ['worker'], moments: both, most: 3 },
  'dead-letter': { kinds: ['worker'], moments: both, most: 2 },
  takeOver: { kinds: ['worker'], moments: both, most: 1 },
  release: { kinds: ['worker'], moments: both, most: 1 },
  ack: { kinds: ['router', 'worker'], moments: both, most: 12 },
} as const satisfies Record<string, CrashStep>;

export type CrashStepName = keyof typeof crashSteps;

export const crashStepNames = Object.keys(crashSteps) as CrashStepName[];
