import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

import { OutgoingRefused } from '../errors.js';
import { type AllowEntry, isReachable } from './reachable.policy.js';
import { hostOf } from './target.policy.js';

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

/** All addresses of a host name. */
export type HostLookup = (host: string) => Promise<readonly string[]>;

/** As the operating system resolves names: hosts file, search domains and DNS. */
export const systemLookup: HostLookup = async (host) => {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

/**
 * Answers a socket that asks for the addresses of a name with those that were checked, and asks nobody: a second answer of
 * the name server could be another one.
 */
export const pinnedLookup =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, answer) => {
    const checked = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = checked;
    if (first === undefined) answer(new Error('no checked address'), []);
    else if (all === true) answer(null, checked);
    else answer(null, first.address, first.family);
  };
