// The messages between a worker and a handler's thread. A new function of TaskContext needs nothing here: host calls name
// their method.
import { inspect } from 'node:util';

import { keptObject, keptSizes, keptText, TaskError, type TaskType, thrownText } from '@pulser/contracts';

import type { ContextLimits } from '../context/handler-context.js';

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
  | ({ readonly kind: 'result'; readonly json: string } & AfterAttempt)
  | ({ readonly kind: 'failure'; readonly failure: ThreadFailure } & AfterAttempt)
);

interface AfterAttempt {
  /** True when the attempt has changed objects that later ones in its thread would share: it must not be used again. */
  readonly spoiled: boolean;
}

/** Sends to the worker. @param transfer memory that is handed over instead of being copied */
export type Post = (message: FromThread, transfer?: readonly ArrayBuffer[]) => void;

/** An error as it goes from thread to thread, whose classes differ. */
export interface ThreadFailure {
  readonly name: string;
  readonly message: string;
  /** What a TaskError knows besides. */
  readonly task?: {
    readonly code: string;
    readonly permanent: boolean;
    readonly retryAfterMs?: number;
    /** JSON: what cannot be cloned would keep the whole failure from arriving. */
    readonly details?: string;
  };
}

const detailsOf = ({ facts }: TaskError): string | undefined => {
  const kept = keptObject(facts.details, keptSizes.details);
  return kept && JSON.stringify(kept);
};

const taskOf = (error: TaskError): NonNullable<ThreadFailure['task']> => {
  const details = detailsOf(error);
  // Whatever is no text, number or boolean could keep the failure from being sent.
  const code: unknown = error.code;
  const permanent: unknown = error.permanent;
  const retryAfterMs: unknown = error.facts.retryAfterMs;
  return {
    code: typeof code === 'string' ? keptText(code, keptSizes.name) : 'handler_failed',
    permanent: permanent === true,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(details !== undefined && { details }),
  };
};

const nameOf = (thrown: unknown): string => {
  const name: unknown = thrown instanceof Error ? thrown.name : 'Error';
  return typeof name === 'string' ? keptText(name, keptSizes.name) : 'Error';
};

/** What was thrown, to be sent: bounded. Never throws, whatever a handler threw. */
export const packed = (thrown: unknown): ThreadFailure => {
  const message = keptText(thrownText(thrown), keptSizes.message);
  try {
    const name = nameOf(thrown);
    return thrown instanceof TaskError ? { name, message, task: taskOf(thrown) } : { name, message };
  } catch {
    return { name: 'Error', message };
  }
};

/** What was sent, to be thrown. */
export const unpacked = ({ name, message, task }: ThreadFailure): Error => {
  if (task === undefined) return Object.assign(new Error(message), { name });
  const { code, permanent, details, ...facts } = task;
  return new TaskError({ code, permanent }, message, {
    ...facts,
    permanent,
    ...(details !== undefined && { details: JSON.parse(details) as Record<string, unknown> }),
  });
};

const textOf = (cause: unknown, name: 'code' | 'message'): string | undefined => {
  const value: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, name) : undefined;
  return typeof value === 'string' ? value : undefined;
};

/**
 * Why the attempt in a thread that ended has failed.
 * @param cause the uncaught error there; undefined when it ended without
 */
export const deathOf = (cause: unknown, exitCode: number, memoryMb: number): TaskError => {
  if (textOf(cause, 'code') === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new TaskError('resource_limit', 'The handler needs more memory than it may have', {
      details: { max_megabytes: memoryMb },
    });
  }
  return cause === undefined
    ? new TaskError('handler_crashed', `The handler ended its thread (exit code ${exitCode})`)
    : new TaskError('handler_crashed', `The handler's thread died: ${textOf(cause, 'message') ?? inspect(cause)}`);
};
