import type { AllowEntry } from '../address/allow-list.js';
import type { TargetRules } from '../url/target.policy.js';

/** Where calls may lead and how much they may cost. */
export interface OutgoingRules extends TargetRules {
  /** Hosts and blocks that may be reached although they are not public. */
  readonly allowed: readonly AllowEntry[];
  /** Milliseconds for a whole call with its redirects. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte. */
  readonly idleMs: number;
  /** Of an answer's body, decoded. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
}
