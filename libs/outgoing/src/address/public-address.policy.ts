// Which addresses belong to the public Internet.
import { isIPv6 } from 'node:net';

import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

// All unicast addresses that IANA has assigned to the Internet. Outside of it are ::a.b.c.d, ::ffff:a.b.c.d and 64:ff9b::a.b.c.d,
// which lead to IPv4 addresses, fec0::/10 and 5f00::/16.
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
// RFC 6052: the IPv4 address is the last 32 bits, and a translator in the network leads there.
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
// Metadata services of Azure, Alibaba, AWS and Google, which hand out the machine's credentials: neither public nor merely private.
const cloudServices = ['168.63.129.16/32', '100.100.100.200/32', 'fd00:ec2::/32', 'fd20:ce::254/128'].map((block) =>
  ipaddr.parseCIDR(block),
);

const lastQuad = (address: ipaddr.IPv6): ipaddr.IPv4 => new ipaddr.IPv4(address.toByteArray().slice(12));

// RFC 5214: an IPv4 address in the second half, under any prefix.
const isIsatap = ({ parts }: ipaddr.IPv6): boolean => (parts[4] === 0 || parts[4] === 0x200) && parts[5] === 0x5efe;

const isGlobal = (address: ipaddr.IPv6): boolean => address.match(globalUnicast) && !isIsatap(address);

// ipaddr.js parses ::8.8.8.8 (the system's spelling of ::808:808) as ::ffff:8.8.8.8, another address: it gets hexadecimal
// notation only.
const hexadecimal = (text: string): string | undefined => URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);

/**
 * The address in a text and, of ::ffff:a.b.c.d and 64:ff9b::a.b.c.d, the IPv4 address at which a packet ends: both count.
 * Empty when the text is not an address in full notation, or has a zone.
 */
export const addressesIn = (text: string): readonly Address[] => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return [ipaddr.IPv4.parse(text)];
  const full = isIPv6(text) ? hexadecimal(text) : undefined;
  if (full === undefined) return [];
  const address = ipaddr.IPv6.parse(full);
  return address.isIPv4MappedAddress() || address.match(nat64) ? [address, lastQuad(address)] : [address];
};

/** The kind of network that an address belongs to: a name of ipaddr.js, or `cloudServices`. */
export const rangeOf = (address: Address): string => ipaddr.subnetMatch(address, { cloudServices }, address.range());

/** Whether an address belongs to a host of the public Internet, and to that one only. */
export const isPublic = (address: Address): boolean =>
  rangeOf(address) === 'unicast' && (address instanceof ipaddr.IPv4 || isGlobal(address));
