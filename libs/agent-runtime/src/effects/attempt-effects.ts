import type { EffectState, TaskEffects } from '@pulser/context-bus';

import { type Attempt, LeaseLost } from '../execution/attempt.js';
import { retryWhileUnavailable } from '../execution/retry-while-unavailable.js';
import type { EffectLedger } from './effect-ledger.js';

/** The ledger of one attempt in the database. Who lost the lease can neither begin nor finish, and is stopped. */
export class AttemptEffects implements EffectLedger {
  constructor(
    private readonly attempt: Attempt,
    private readonly store: TaskEffects,
  ) {}

  async begin(key: string): Promise<EffectState> {
    const { signal, claim } = this.attempt;
    const begun = await retryWhileUnavailable(() => {
      signal.throwIfAborted();
      return this.store.begin(claim, key);
    });
    if (begun === undefined) this.lost();
    // Aborted meanwhile: the effect has not been tried, so it is not begun any more either.
    signal.throwIfAborted();
    return begun;
  }

  async finish(key: string, json: string): Promise<void> {
    const written = await retryWhileUnavailable(() => this.store.finish(this.attempt.claim, key, json));
    if (!written) this.lost();
  }

  private lost(): never {
    const reason = new LeaseLost();
    this.attempt.abort(reason);
    throw reason;
  }
}
