import { AllowEntry } from '../src/address/reachable.policy.js';
import type { HostLookup } from '../src/address/route.js';
import { OutgoingClient, type OutgoingRules } from '../src/index.js';
import type { Site } from './site.js';

/** A table instead of a name server. */
export const lookupIn =
  (table: Readonly<Record<string, readonly string[]>>): HostLookup =>
  (host) => {
    const found = table[host];
    return found === undefined
      ? Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
      : Promise.resolve(found);
  };

interface ExplainContext extends Partial<Omit<OutgoingRules, 'allowed' | 'ports'>> {
  readonly sites: readonly Site[];
  readonly allow?: readonly string[];
  readonly lookup?: HostLookup;
}

/** A client that may ask the ports of these sites, and nothing private but what `allow` names. */
export const guarded = ({ sites, allow = [], lookup, ...rules }: ExplainContext): OutgoingClient =>
  new OutgoingClient(
    {
      schemes: ['http', 'https'],
      ports: [80, 443, ...sites.map((site) => site.port)],
      allowed: allow.map((entry) => AllowEntry.parse(entry)),
      timeoutMs: 20_000,
      idleMs: 10_000,
      maxBytes: 1_000_000,
      maxRedirects: 5,
      ...rules,
    },
    lookup,
  );

/** The code with which a call ends. */
export const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
