import type { LogLevel, TaskType } from '@pulser/contracts';

import type { ThreadFailure } from './thread-failure.policy.js';

/** One attempt, as a thread has to know it. */
export interface ThreadTask {
  /** URL of the module that exports the skill. */
  readonly module: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  readonly attempt: number;
  readonly deadline: Date;
  readonly resultMaxBytes: number;
  readonly maxEvents: number;
}

/** What the thread cannot do itself and waits for. */
export type Call =
  | { readonly to: 'artifact'; readonly name: string; readonly mediaType: string; readonly content: Uint8Array }
  | { readonly to: 'begin'; readonly key: string }
  | { readonly to: 'finish'; readonly key: string; readonly json: string };

/** `run` numbers the attempts of a thread: what one leaves behind must not be taken for the next one's. */
export type ToThread = { readonly run: number } & (
  | { readonly kind: 'run'; readonly task: ThreadTask }
  | { readonly kind: 'abort'; readonly reason: ThreadFailure }
  | { readonly kind: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly call: number; readonly failure: ThreadFailure }
);

export type Told =
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly fields: object | undefined }
  | { readonly kind: 'progress'; readonly percent: number; readonly message: string | undefined };

export type FromThread = { readonly run: number } & (
  | Told
  | { readonly kind: 'call'; readonly call: number; readonly wanted: Call }
  | { readonly kind: 'result'; readonly json: string }
  | { readonly kind: 'failure'; readonly failure: ThreadFailure }
);
