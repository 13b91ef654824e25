// Which addresses may be connected to: public ones, and those on the allow list.
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

import { type Address, addressesIn, isPublic, rangeOf } from './public-address.policy.js';

type Block = [Address, number];

/** An exception for private targets: a host name, or a block of addresses. */
export type AllowEntry = { readonly host: string } | { readonly block: Block };

const hostName = /^(?=.{1,253}$)([a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/;
// Some resolvers treat 127.1 and 0x7f.1 as addresses, others as names: neither is accepted.
const numeric = /(^|\.)(\d+|0x[\da-f]*)$/;

// Not ipaddr.parseCIDR: that reads 010.0.0.0/8 as 8.0.0.0/8.
const blockOf = (text: string): Block | undefined => {
  const [, start = text, prefix] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const [address] = addressesIn(start);
  if (address === undefined) return undefined;
  const bits = address.toByteArray().length * 8;
  const fixed = prefix === undefined ? bits : Number(prefix);
  return fixed <= bits ? [address, fixed] : undefined;
};

const parse = (text: string): AllowEntry | undefined => {
  const block = blockOf(text);
  if (block !== undefined) return { block };
  const host = text.toLowerCase();
  return hostName.test(host) && !numeric.test(host) ? { host } : undefined;
};

/** A host name, an address or a CIDR block. */
export const AllowEntry = z.string().transform((text, context): AllowEntry => {
  const entry = parse(text);
  if (entry !== undefined) return entry;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no host name, address or CIDR block` });
  return z.NEVER;
});

/** An entry as it can be parsed again. */
export const textOfEntry = (entry: AllowEntry): string =>
  'host' in entry ? entry.host : `${entry.block[0].toString()}/${entry.block[1]}`;

// Ranges that an allowed name may resolve to. Metadata services of clouds need an allowed block.
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
 * Whether every address of a host may be connected to. One forbidden address among allowed ones refuses the host: it
 * would be tried as soon as the others do not answer.
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
