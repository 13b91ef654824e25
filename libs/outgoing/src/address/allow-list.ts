import { z } from 'zod';

import { type Address, addressesIn } from './public-address.policy.js';

type Block = [Address, number];

/** Who may be reached although it is not public: a host name, or a block of addresses. */
export type AllowEntry = { readonly host: string } | { readonly block: Block };

const hostName = /^(?=.{1,253}$)([a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/;
// 127.1 and 0x7f.1 are addresses to some and names to others: neither is taken.
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
