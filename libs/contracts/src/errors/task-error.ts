import { taskErrors, type TaskErrorCode } from './codes.js';

export interface TaskErrorFacts {
  /** Shown to whoever reads the task: no secrets, no stack. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** When the code alone does not decide whether another attempt can help. */
  readonly permanent?: boolean;
  /** Milliseconds, an hour at most; an upstream's Retry-After. */
  readonly retryAfterMs?: number;
}

/** Thrown by an agent's handler to fail an attempt with a code; anything else thrown counts as `handler_failed`. */
export class TaskError extends Error {
  readonly permanent: boolean;

  constructor(
    readonly code: TaskErrorCode,
    message: string,
    readonly facts: TaskErrorFacts = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'TaskError';
    this.permanent = facts.permanent ?? taskErrors[code].permanent;
  }
}
