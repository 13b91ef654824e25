import type { LogLevel, TaskType } from '@pulser/contracts';

/** What the function of `once` is told. */
export interface Effect {
  /** The same in every attempt of the task: to be sent along, so that the outside system does the thing once. */
  readonly idempotencyKey: string;
}

/** What a handler may do while it runs. Everything here is fenced: after a lost lease it quietly does nothing. */
export interface TaskContext {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted on cancel, at the end of the attempt's time limit or deadline, and when the lease is lost. */
  readonly signal: AbortSignal;
  /** When the attempt must have ended, by the clock of this machine: of use with `Date.now()` and timers here. */
  readonly deadline: Date;
  /** A line in the task's event stream. */
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** @param percent from 0 to 100 */
  progress(percent: number, message?: string): void;
  /** Keeps a file with the task. @throws TaskError `result_too_large` beyond the configured size */
  artifact(name: string, mediaType: string, content: Uint8Array): Promise<void>;
  /**
   * Does something outside that must not be done twice. That it begins is on disk before `effect` runs, and what it
   * returned once it has: a later attempt of the task gets that and does not run `effect` again. When an attempt died in
   * between, `effect` runs again with the same idempotency key, which the outside system (or the caller, by asking it)
   * must use to tell that the thing is done already. Calls of one key in one attempt share one run; what `effect` throws
   * is thrown, and nothing counts as done.
   * @param key names the effect within the task: 1 to 200 characters
   * @returns what `effect` returned, as JSON keeps it
   * @throws TaskError `result_too_large` beyond the configured size of results; LeaseLost when the task was taken away
   */
  once<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T>;
}
