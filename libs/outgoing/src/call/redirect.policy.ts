// Where an answer redirects to, and what of the request goes along.
import { OutgoingFailed, OutgoingRefused } from '../errors.js';
import type { OutgoingHeaders, OutgoingMethod } from './outgoing-request.js';

/** One request of a call; each redirect adds one. */
export interface Hop {
  readonly url: URL;
  readonly method: OutgoingMethod;
  readonly headers: OutgoingHeaders;
  readonly body: string | Uint8Array | null;
}

/** The request that a redirect leads to; its URL is not checked yet. */
export interface NextHop extends Omit<Hop, 'url'> {
  readonly url: string;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const ofBody = new Set(['content-encoding', 'content-language', 'content-location', 'content-type']);
// The standard drops Authorization only; keys have many header names, so only these harmless headers are kept.
const harmless = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'range', 'user-agent']);

const only = (headers: OutgoingHeaders, keep: (name: string) => boolean): OutgoingHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name)));

const becomesGet = (status: number, method: string): boolean =>
  status === 303 ? method !== 'GET' && method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST';

const withoutBody = (hop: Hop): Hop => ({
  ...hop,
  method: 'GET',
  body: null,
  headers: only(hop.headers, (name) => !ofBody.has(name)),
});

const leadsTo = (from: URL, location: string): URL => {
  const url = URL.parse(location, from.href);
  if (url === null) throw new OutgoingFailed('redirect_invalid', { origin: from.origin });
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new OutgoingRefused('redirect_downgrade', { origin: from.origin });
  return url;
};

/** Whether an answer is a redirect, whose body is not read. */
export const leadsOn = (status: number, location: string | undefined): location is string =>
  redirects.has(status) && location !== undefined;

/**
 * The request that an answer leads to, or undefined when the answer is the end.
 * After https://fetch.spec.whatwg.org/#http-redirect-fetch.
 * @throws OutgoingRefused for a redirect from https to http, OutgoingFailed when the Location is no URL
 */
export const nextHop = (hop: Hop, status: number, location: string | undefined): NextHop | undefined => {
  if (!leadsOn(status, location)) return undefined;
  const url = leadsTo(hop.url, location);
  const next = becomesGet(status, hop.method) ? withoutBody(hop) : hop;
  const headers = url.origin === hop.url.origin ? next.headers : only(next.headers, (name) => harmless.has(name));
  return { ...next, url: url.href, headers };
};
