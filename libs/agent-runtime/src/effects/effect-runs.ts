import { storableJson } from '../execution/result.policy.js';
import type { Effect } from '../skills/task-context.js';
import { checkedKey, idempotencyKeyOf } from './effect-key.policy.js';
import type { EffectLedger } from './effect-ledger.js';

export interface EffectsOf {
  readonly tenantId: string;
  readonly taskId: string;
  readonly ledger: EffectLedger;
  readonly resultMaxBytes: number;
}

/** The effects of one attempt: each written down before and after it, none run twice at the same time. */
export class EffectRuns {
  private readonly runs = new Map<string, Promise<unknown>>();

  constructor(private readonly of: EffectsOf) {}

  once<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T> {
    const known = this.runs.get(key);
    // The same key is the same effect, so it has the same type.
    if (known !== undefined) return known as Promise<T>;
    const run = this.run(key, effect);
    this.runs.set(key, run);
    run.catch(() => this.runs.delete(key));
    return run;
  }

  private async run<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T> {
    const { tenantId, taskId, ledger, resultMaxBytes } = this.of;
    const begun = await ledger.begin(checkedKey(key));
    if (begun.finished) return begun.result as T;
    const result = await effect({ idempotencyKey: idempotencyKeyOf(tenantId, taskId, key) });
    const json = storableJson(result, resultMaxBytes);
    await ledger.finish(key, json);
    // What a later attempt will get, so that no handler relies on more.
    return JSON.parse(json) as T;
  }
}
