// The rules of a client as data, for a thread that makes a client of its own.
import { AllowEntry, textOfEntry } from '../address/reachable.policy.js';
import type { OutgoingRules } from './outgoing-client.js';

/** How much load a task may put on a host. */
export interface LoadLimits {
  /** Requests in a second; 0 for none at all. */
  readonly maxRate: number;
  readonly maxConnections: number;
  readonly maxSeconds: number;
}

/** Rules that structured clone can copy, and the limits of load tests. */
export interface OutgoingSettings extends Omit<OutgoingRules, 'allowed'> {
  /** As OUTGOING_ALLOW has them. */
  readonly allow: readonly string[];
  readonly load: LoadLimits;
}

export const outgoingSettings = ({ allowed, ...rules }: OutgoingRules, load: LoadLimits): OutgoingSettings => ({
  ...rules,
  allow: allowed.map(textOfEntry),
  load,
});

/** The rules that were given away as settings. */
export const rulesOfSettings = (settings: OutgoingSettings): OutgoingRules => {
  const { schemes, ports, origins = [], timeoutMs, idleMs, maxBytes, maxRedirects } = settings;
  const allowed = settings.allow.map((text) => AllowEntry.parse(text));
  return { schemes, ports, origins, allowed, timeoutMs, idleMs, maxBytes, maxRedirects };
};
