// From a URL to the checked addresses that a connection is pinned to.
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

import { OutgoingRefused } from '../errors.js';
import { AllowEntry, isReachable } from './reachable.policy.js';
import { hostOf } from './target.policy.js';

/** A host whose addresses were checked, for requests that must all go to the same ones. */
export interface OutgoingRoute {
  /** Scheme, host and port. */
  readonly origin: string;
  /** All checked; the first is the one to use where only one can be. */
  readonly addresses: readonly string[];
}

/** What may be reached although it is not public. */
export interface Exceptions {
  readonly allowed: readonly AllowEntry[];
  /** Origins at whatever address, but for those where clouds keep credentials: these must be in the origin themselves. */
  readonly origins?: readonly string[];
}

const exceptionsFor = (url: URL, { allowed, origins = [] }: Exceptions): readonly AllowEntry[] =>
  origins.includes(url.origin) ? [...allowed, AllowEntry.parse(hostOf(url))] : allowed;

/**
 * The addresses of a URL's host: one look-up, every address checked.
 * @throws OutgoingRefused when one of them is not allowed; the error of the look-up
 */
export const routeTo = async (
  url: URL,
  { lookup, ...exceptions }: Exceptions & { readonly lookup: HostLookup },
): Promise<readonly string[]> => {
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await lookup(host) : [host];
  if (isReachable(host, addresses, exceptionsFor(url, exceptions))) return addresses;
  // Without the address: the caller must not learn how a name resolves inside this network.
  throw new OutgoingRefused('address_not_public', { origin: url.origin });
};

/** All addresses of a host name. */
export type HostLookup = (host: string) => Promise<readonly string[]>;

/** Resolves as the operating system does: hosts file, search domains and DNS. */
export const systemLookup: HostLookup = async (host) => {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

/**
 * A look-up for sockets that returns the checked addresses without asking a name server: a second answer could differ
 * from the checked one (DNS rebinding).
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
