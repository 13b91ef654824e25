import type { LogLevel, TaskType } from '@pulser/contracts';

/** Which attempt of which task this is, and when it must stop. */
export interface AttemptFacts {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted on cancel, at the end of the attempt's time limit or deadline, and when the lease is lost. */
  readonly signal: AbortSignal;
  /** When the attempt must have ended, by the clock of this machine: of use with `Date.now()` and timers here. */
  readonly deadline: Date;
}

/** What the function of `once` gets. */
export interface Effect {
  /** The same in every attempt of the task: to be sent along, so that the outside system does the thing once. */
  readonly idempotencyKey: string;
}

/**
 * What a handler may do while it runs. Everything here is fenced: after a lost lease it does nothing. Its functions may be
 * taken out of it (`{ log, progress }`).
 *
 * A new function is declared here and implemented in `context/attempt-host.ts`; threads find it by its name. Its
 * arguments and its result are data that structured clone can copy.
 */
export interface TaskContext extends AttemptFacts {
  /** Adds a line to the task's event stream. */
  readonly log: (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** @param percent from 0 to 100 */
  readonly progress: (percent: number, message?: string) => void;
  /** Keeps a file with the task. @throws TaskError `result_too_large` beyond the configured size */
  readonly artifact: (name: string, mediaType: string, content: Uint8Array) => Promise<void>;
  /**
   * Does something outside that must not be done twice. That it begins is on disk before `effect` runs, and what it
   * returned once it has: a later attempt of the task gets that and does not run `effect` again. When an attempt died in
   * between, `effect` runs again with the same idempotency key, which the outside system (or the caller, by asking it)
   * must use to recognise that the thing is done already. Calls of one key in one attempt share one run; what `effect`
   * throws is thrown, and nothing counts as done.
   * @param key names the effect within the task: 1 to 200 characters
   * @returns what `effect` returned, as JSON keeps it
   * @throws TaskError `result_too_large` beyond the configured size of results; LeaseLost when the task was taken away
   */
  readonly once: <T>(key: string, effect: (effect: Effect) => Promise<T>) => Promise<T>;
}
