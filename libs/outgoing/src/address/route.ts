import { isIP } from 'node:net';

import { OutgoingRefused } from '../errors/outgoing-refused.js';
import { hostOf } from '../url/target.policy.js';
import type { AllowEntry } from './allow-list.js';
import type { HostLookup } from './host-lookup.js';
import { isReachable } from './reachable.policy.js';

/**
 * The addresses that a URL may be asked at: one look-up, every answer checked.
 * @throws OutgoingRefused when one of them is not allowed, or whatever the look-up throws
 */
export const routeTo = async (
  url: URL,
  { lookup, allowed }: { readonly lookup: HostLookup; readonly allowed: readonly AllowEntry[] },
): Promise<readonly string[]> => {
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await lookup(host) : [host];
  if (isReachable(host, addresses, allowed)) return addresses;
  // Without the address: who asks shall not learn what a name means inside.
  throw new OutgoingRefused('address_not_public', { origin: url.origin });
};
