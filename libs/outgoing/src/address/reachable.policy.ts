import ipaddr from 'ipaddr.js';

import type { AllowEntry } from './allow-list.js';
import { type Address, addressesIn, isPublic, rangeOf } from './public-address.policy.js';

// What a name on the list may have. Where clouds keep their credentials only a block leads.
const coveredByName: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'loopback']);

const isNamed = (host: string, allowed: readonly AllowEntry[]): boolean => {
  const bare = host.replace(/\.$/, '');
  return allowed.some((entry) => 'host' in entry && entry.host === bare);
};

const isInBlock = (address: Address, allowed: readonly AllowEntry[]): boolean => {
  const blocks = allowed.flatMap((entry) => ('block' in entry ? [entry.block] : []));
  return ipaddr.subnetMatch(address, { allowed: blocks }, 'other') === 'allowed';
};

/**
 * Whether every address of a host may be connected to. One bad address among good ones is enough for a no: it would be
 * tried as soon as the good ones do not answer.
 */
export const isReachable = (host: string, addresses: readonly string[], allowed: readonly AllowEntry[]): boolean => {
  const named = isNamed(host, allowed);
  const isAllowed = (address: Address): boolean =>
    isPublic(address) || isInBlock(address, allowed) || (named && coveredByName.has(rangeOf(address)));
  const mayConnect = (text: string): boolean => {
    const parts = addressesIn(text);
    return parts.length > 0 && parts.every(isAllowed);
  };
  return addresses.length > 0 && addresses.every(mayConnect);
};
