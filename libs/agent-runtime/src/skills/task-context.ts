import type { LogLevel, TaskType } from '@pulser/contracts';

/** What a handler may do while it runs. Everything here is fenced: after a lost lease it quietly does nothing. */
export interface TaskContext {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted on cancel, at the end of the attempt's time limit or deadline, and when the lease is lost. */
  readonly signal: AbortSignal;
  /** When the attempt must have ended. */
  readonly deadline: Date;
  /** A line in the task's event stream. */
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** @param percent from 0 to 100 */
  progress(percent: number, message?: string): void;
  /** Keeps a file with the task. @throws TaskError `result_too_large` beyond the configured size */
  artifact(name: string, mediaType: string, content: Uint8Array): Promise<void>;
}
