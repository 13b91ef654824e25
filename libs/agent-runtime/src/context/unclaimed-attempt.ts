// An attempt that began without a claim. While it has none, nothing is written in its name and it holds no lease.
import type { Claim } from '@pulser/context-bus';
import type { TaskDispatch } from '@pulser/contracts';

import { Attempt, LeaseLost } from './attempt.js';
import { retryWhileUnavailable } from './retry-while-unavailable.js';

/** What stands for the claim until there is one: a write that carried it would do nothing, for no claim has this epoch. */
const noClaim = ({ tenant_id, task_id }: TaskDispatch, waitedMs: number): Claim => ({
  tenantId: tenant_id,
  taskId: task_id,
  epoch: 0,
  attempt: 1,
  maxAttempts: Infinity,
  deadlineInMs: null,
  waitedMs,
  priority: null,
  payload: null,
  parentId: null,
  concurrencyKey: null,
});

/** The first attempt of a task that ends by compare-and-set, unless something needs a claim before. */
export class UnclaimedAttempt extends Attempt {
  private claiming: Promise<Claim> | undefined;
  private ending = false;

  /**
   * @param waitedMs since the task could start, as far as this machine knows
   * @param claimNow called once at most; undefined: another worker has the task, it has ended, or it is paused
   */
  constructor(
    dispatch: TaskDispatch,
    { timeLimitMs, waitedMs }: { readonly timeLimitMs: number; readonly waitedMs: number },
    private readonly claimNow: (attempt: UnclaimedAttempt) => Promise<Claim | undefined>,
  ) {
    super(noClaim(dispatch, waitedMs), dispatch, timeLimitMs);
  }

  /** Whether it still has no claim, and none is being made. */
  get unclaimed(): boolean {
    return this.claiming === undefined;
  }

  /** The claim, made now if it was not before. @throws LeaseLost when it is refused: then the attempt is aborted, too */
  override claimed(): Promise<Claim> {
    if (this.ending) return Promise.reject(new LeaseLost());
    this.claiming ??= this.claimLate();
    return this.claiming;
  }

  /**
   * Ends it without a claim; from now on there will be none, unless the write fails.
   * @param write how long the task had waited, in milliseconds, and its priority; undefined: it was not taken
   * @returns whether the result is kept
   */
  async endUnclaimed(write: () => Promise<Pick<Claim, 'waitedMs' | 'priority'> | undefined>): Promise<boolean> {
    this.ending = true;
    try {
      const written = await write();
      if (written !== undefined) {
        const { waitedMs, priority } = written;
        this.adopt({ ...this.claim, epoch: 1, waitedMs, priority });
      }
      return written !== undefined;
    } catch (error) {
      this.ending = false;
      throw error;
    }
  }

  private async claimLate(): Promise<Claim> {
    const claim = await retryWhileUnavailable(() => this.claimNow(this));
    if (claim === undefined) {
      const reason = new LeaseLost();
      this.abort(reason);
      throw reason;
    }
    this.adopt(claim);
    return claim;
  }
}
