// What a caller may ask for: method, headers, body, limits.
import { z } from 'zod';

import type { OutgoingRoute } from '../address/route.js';
import { OutgoingRefused } from '../errors.js';

/** The methods that a call may use. */
export const OutgoingMethod = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
export type OutgoingMethod = z.infer<typeof OutgoingMethod>;

export interface OutgoingRequest {
  readonly method?: OutgoingMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** `manual` returns a redirect as the answer instead of following it. */
  readonly redirect?: 'follow' | 'manual';
  /** Called with the URL of every hop before anything is looked up or sent; what it throws ends the call. */
  readonly approve?: (url: URL) => void;
  /** Goes to these addresses, without a look-up, as long as it stays at this origin. */
  readonly via?: OutgoingRoute;
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for everything; less than the client's own limit, never more. */
  readonly timeoutMs?: number;
  /** Bytes of the decoded body; less than the client's own limit, never more. */
  readonly maxBytes?: number;
}

/** Lower-case name to value. */
export type OutgoingHeaders = Readonly<Record<string, string>>;

// Framing, routing and hop-by-hop headers: wrong ones smuggle a second request into the connection.
const ours = new Set([
  ...['accept-encoding', 'connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive'],
  ...['proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]);
// RFC 9110: a token, and no control characters but the tab.
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Defaults of every request; no other encoding is decoded. */
const standard: OutgoingHeaders = { 'user-agent': 'pulser', accept: '*/*', 'accept-encoding': 'gzip, br' };

/** The headers to send. @throws OutgoingRefused for reserved headers and invalid names or values */
export const headersOf = (given: OutgoingHeaders = {}): OutgoingHeaders => {
  const headers = Object.entries(given).map(([name, text]): [string, string] => {
    const key = name.toLowerCase();
    // An invalid name is not repeated in the error: it may be any text.
    if (!token.test(key)) throw new OutgoingRefused('header_not_allowed');
    if (ours.has(key) || !value.test(text)) throw new OutgoingRefused('header_not_allowed', { name: key });
    return [key, text];
  });
  return { ...standard, ...Object.fromEntries(headers) };
};
