import type { EffectState } from '@pulser/context-bus';

/** Where effects of one attempt are written down: the store itself, or from a thread the way to it. */
export interface EffectLedger {
  /** Durable when it returns. @throws LeaseLost */
  begin(key: string): Promise<EffectState>;
  /** @param json the result. @throws LeaseLost */
  finish(key: string, json: string): Promise<void>;
}
