// What a request says of the browser and the page that it comes from: whether that browser can keep a login, and whether the
// page is our own.
import { isIPv4, isIPv6 } from 'node:net';

import { HttpError } from '@pulser/contracts';
import { isLoopback } from '@pulser/service-kit';
import type { FastifyRequest } from 'fastify';

/** The part of a request that is looked at. `host` and `protocol` are what a trusted proxy said, if there is one. */
export type Arrival = Pick<FastifyRequest, 'method' | 'protocol' | 'host' | 'headers' | 'ip'>;

/** A `Host` header without its port, an IPv6 address in its canonical form. Empty for what is no host. */
const hostOf = (host: string): string => URL.parse(`http://${host}`)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';

/** Whether the browser calls this machine by a name that leads nowhere else. */
const isLocalHost = (host: string): boolean => isLoopback(hostOf(host));

const single = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;

const originOf = (url: string): string | undefined => {
  const origin = URL.parse(url)?.origin;
  return origin === undefined || origin === 'null' ? undefined : origin;
};

/**
 * Whether a page of this origin is ours. A login lives on https, or on this machine, so nothing else is.
 * @param publicUrl where browsers reach the gateway, if that is configured
 */
const isOwn = (origin: string, host: string, publicUrl: string | undefined): boolean => {
  if (originOf(origin) !== origin) return false;
  if (publicUrl !== undefined && origin === originOf(publicUrl)) return true;
  return origin === originOf(`https://${host}`) || (isLocalHost(host) && origin === originOf(`http://${host}`));
};

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const refusal = (detail: string): HttpError => new HttpError('cross_site_request', { detail });

const foreignPage = refusal('Only pages of this gateway may use a login: other programs send a key in Authorization');

/**
 * Why a request that carries a login is refused: it changes something, and no header that scripts cannot set says that it
 * comes from a page of our own. https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export const crossSiteRefusal = (request: Arrival, publicUrl: string | undefined): HttpError | undefined =>
  safeMethods.has(request.method) ? undefined : foreignRefusal(request, publicUrl, true);

/**
 * Why a login is refused: another page would log its reader in as somebody else.
 * @param isBrowser whether it must be one. What sends neither header is none, and has no login that could be replaced.
 */
export const foreignRefusal = (
  { headers, host }: Arrival,
  publicUrl: string | undefined,
  isBrowser: boolean,
): HttpError | undefined => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? undefined : foreignPage;
  const origin = single(headers.origin);
  if (origin !== undefined) return isOwn(origin, host, publicUrl) ? undefined : foreignPage;
  if (!isBrowser) return undefined;
  return refusal('It came with the cookie of a login, and with neither Sec-Fetch-Site nor Origin: use a newer browser');
};

/** Whether the browser takes a cookie that is for safe connections only. */
const isSafe = ({ protocol, host, headers }: Arrival, publicUrl: string | undefined): boolean => {
  if (protocol === 'https' || isLocalHost(host)) return true;
  // TLS may end at a proxy that is not in TRUST_PROXY. Browsers send this header to what they trust only.
  if (headers['sec-fetch-site'] !== undefined) return true;
  const url = publicUrl === undefined ? undefined : URL.parse(publicUrl);
  if (url?.protocol === 'https:' && url.host === host) return true;
  return headers.origin === `https://${host}`;
};

/** Why this browser could keep no login, and what to do. @returns undefined when it can */
export const insecureReason = (request: Arrival, publicUrl: string | undefined): string | undefined =>
  isSafe(request, publicUrl)
    ? undefined
    : 'It came over plain http from another machine: browsers keep a login over https only, and a key that is sent in ' +
      'clear can be read on the way. Put a proxy with TLS before the gateway (see deploy/README.md), or open the page on ' +
      'the machine itself, for instance through `ssh -L 8000:127.0.0.1:8000`';

const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Whether a request comes from this machine, by its address, its host and its page, and through no proxy. */
export const isFromThisMachine = ({ ip, host, headers }: Arrival): boolean =>
  isLoopback(withoutMapping(ip)) &&
  isLocalHost(host) &&
  forwarding.every((name) => headers[name] === undefined) &&
  (headers.origin === undefined || isLocalHost(URL.parse(headers.origin)?.host ?? ''));

/** The network that an address is in: 24 bits of IPv4, 48 of IPv6. Null when it is no address. */
export const networkOf = (ip: string): string | null => {
  const address = withoutMapping(ip);
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(address)) return null;
  const [head = ''] = hostOf(`[${address.split('%')[0] ?? ''}]`).split('::');
  const groups = [...head.split(':').filter(Boolean), '0', '0', '0'].slice(0, 3);
  return `${hostOf(`[${groups.join(':')}::]`)}/48`;
};

const maxUserAgent = 200;

/** The start of a `User-Agent` header, without what a terminal or a page could take for more than text. */
export const shortUserAgent = (header: string | undefined): string | null =>
  header === undefined ? null : header.replaceAll(/[^\x20-\x7e]/g, '.').slice(0, maxUserAgent);
