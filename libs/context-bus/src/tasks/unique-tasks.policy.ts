// What becomes of a task that has a unique key, when there is another one with it.
import { hasEnded, type TaskStatus, type UniqueKey } from '@pulser/contracts';

/** The newest task with a key. */
export interface EarlierTask {
  readonly taskId: string;
  readonly status: TaskStatus;
  /** Seconds since it was submitted. */
  readonly ageS: number;
}

export type UniqueVerdict =
  | { readonly kind: 'create' }
  /** The earlier one is cancelled, and this one created. */
  | { readonly kind: 'replace'; readonly taskId: string }
  /** The earlier one is the answer. */
  | { readonly kind: 'skip'; readonly earlier: EarlierTask };

/** Whether it has begun: a task that waits for its place, its start or its next attempt has not, or not now. */
const hasBegun = (status: TaskStatus): boolean => status === 'running';

/**
 * One that was cancelled counts no more, nor one that is older than the window. `skip`: the earlier one stays. `replace`: it
 * is cancelled unless it runs or has ended. `cancel_running`: it is cancelled unless it has ended, when both stay.
 */
export const uniqueVerdict = (
  { window_s, on_conflict }: UniqueKey,
  earlier: EarlierTask | undefined,
): UniqueVerdict => {
  if (earlier === undefined || earlier.ageS >= window_s || earlier.status === 'cancelled') return { kind: 'create' };
  const { status, taskId } = earlier;
  switch (on_conflict) {
    case 'skip':
      return { kind: 'skip', earlier };
    case 'replace':
      return hasEnded(status) || hasBegun(status) ? { kind: 'skip', earlier } : { kind: 'replace', taskId };
    case 'cancel_running':
      return hasEnded(status) ? { kind: 'create' } : { kind: 'replace', taskId };
  }
};
