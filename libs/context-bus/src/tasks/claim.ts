/** A message that asks for a task to be run. */
export interface ClaimRequest {
  readonly tenantId: string;
  readonly taskId: string;
  /** Undefined: nobody can take the claim over by this message. */
  readonly dispatchId: number | undefined;
  /** False when the message carried the payload. */
  readonly wantsPayload: boolean;
}

/** The right to run one attempt; every later write carries its epoch. */
export interface Claim {
  readonly tenantId: string;
  readonly taskId: string;
  readonly epoch: number;
  /** Attempts counted so far, this one included. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Milliseconds until the task's deadline, by the database's clock; null without one. */
  readonly deadlineInMs: number | null;
  /** Milliseconds from the time the task could start to this claim. */
  readonly waitedMs: number;
  readonly payload: Record<string, unknown> | null;
}

/** Names one attempt. */
export type ClaimRef = Pick<Claim, 'tenantId' | 'taskId' | 'epoch'>;

/** Sorted by id, so that two statements over the same rows lock them in the same order. */
export const inLockOrder = <T extends { readonly taskId: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId)));

export const refColumns = (refs: readonly ClaimRef[]): [string[], string[], number[]] => [
  refs.map(({ tenantId }) => tenantId),
  refs.map(({ taskId }) => taskId),
  refs.map(({ epoch }) => epoch),
];
