// The messages between a worker and a handler's thread. A new function of TaskContext needs nothing here: host calls name
// their method.
import type { TaskType } from '@pulser/contracts';

import type { ContextLimits } from '../context/handler-context.js';
import type { ThreadFailure } from './thread-failure.policy.js';

/** One attempt, as its thread has to know it. */
export interface ThreadTask extends ContextLimits {
  /** URL of the module that exports the skill. */
  readonly module: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  readonly attempt: number;
  readonly deadline: Date;
}

/** A method of the attempt's host, with arguments that structured clone can copy. */
export interface HostCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** `run` numbers the attempts of a thread: what one leaves behind must not be taken for the next one's. */
export type ToThread = { readonly run: number } & (
  | { readonly kind: 'run'; readonly task: ThreadTask; readonly methods: readonly string[] }
  | { readonly kind: 'abort'; readonly reason: ThreadFailure }
  | { readonly kind: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly call: number; readonly failure: ThreadFailure }
);

export type FromThread = { readonly run: number } & (
  | ({ readonly kind: 'notice' } & HostCall)
  | ({ readonly kind: 'call'; readonly call: number } & HostCall)
  | { readonly kind: 'result'; readonly json: string }
  | { readonly kind: 'failure'; readonly failure: ThreadFailure }
);

/** Sends to the worker. @param transfer memory that is handed over instead of being copied */
export type Post = (message: FromThread, transfer?: readonly ArrayBuffer[]) => void;
