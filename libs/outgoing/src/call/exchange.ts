// One request over a connection of its own, and its answer within limits.
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';

import { Client, type Dispatcher } from 'undici';

import { pinnedLookup } from '../address/route.js';
import { OutgoingFailed } from '../errors.js';
import type { Hop } from './redirect.policy.js';

/** One request to a host whose addresses were checked. */
export interface ExchangeOrder {
  readonly hop: Hop;
  readonly addresses: readonly string[];
  /** Milliseconds without a byte: until there is a connection, until there are headers, between parts of the body. */
  readonly idleMs: number;
  /** Of the body, both as it comes and decoded. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Whether the body of an answer is read. */
  readonly wantsBody: (status: number, headers: Readonly<Record<string, string>>) => boolean;
}

/** One answer; its body is empty when it was not wanted. */
export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const headerBytes = 16_384;
// Node's default of 250 ms is too short for addresses on another continent.
const nextAddressMs = 2_000;

// One connection per request: a pooled one would bypass the address check of its next user. undici ignores proxy variables
// by default, and certificates are checked whatever NODE_TLS_REJECT_UNAUTHORIZED is.
const clientFor = ({ hop, addresses, idleMs, maxBytes }: ExchangeOrder): Client =>
  new Client(hop.url.origin, {
    connect: { lookup: pinnedLookup(addresses), rejectUnauthorized: true, timeout: idleMs },
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressMs,
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
    maxHeaderSize: headerBytes,
    maxResponseSize: maxBytes,
    allowH2: false,
  });

const flat = (headers: Dispatcher.ResponseData['headers']): Exchange['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]));

const hasBody = (method: string, status: number): boolean => method !== 'HEAD' && status !== 204 && status !== 304;

const refuseLarger = ({ maxBytes }: ExchangeOrder, contentLength = ''): void => {
  if (Number(contentLength) > maxBytes) throw new OutgoingFailed('body_too_large', { limit: `${maxBytes} bytes` });
};

const read = async (order: ExchangeOrder, answer: Dispatcher.ResponseData): Promise<Exchange> => {
  const { hop, maxBytes, wantsBody } = order;
  // An unread body fails when its connection is closed; without a listener that error would end the process.
  answer.body.on('error', () => undefined);
  const status = answer.statusCode;
  const headers = flat(answer.headers);
  if (!hasBody(hop.method, status) || !wantsBody(status, headers)) return { status, headers, body: new Uint8Array() };
  refuseLarger(order, headers['content-length']);
  return { status, headers, body: await boundedBody(answer.body, headers['content-encoding'] ?? '', maxBytes) };
};

/** Sends one request over a connection to one of the checked addresses, reads its answer and closes the connection. */
export const exchange = async (order: ExchangeOrder): Promise<Exchange> => {
  const { hop, signal } = order;
  const client = clientFor(order);
  try {
    const { method, headers, body, url } = hop;
    return await read(order, await client.request({ method, headers, body, path: url.pathname + url.search, signal }));
  } finally {
    await client.destroy();
  }
};

const decoders: Readonly<Record<string, (() => NodeJS.ReadWriteStream) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
};

const decoded = (body: Readable, encoding: string): AsyncIterable<Uint8Array | string> => {
  if (encoding === '' || encoding === 'identity') return body;
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  // Stacked encodings have no legitimate use.
  if (decoder === undefined) throw new OutgoingFailed('encoding_not_supported');
  // An error of either stream reaches the reader through the last one.
  return pipeline(body, decoder(), () => undefined);
};

/**
 * Reads a body and decodes it as it comes, never holding more than `maxBytes` decoded bytes and one chunk.
 * @throws OutgoingFailed when it is larger or its encoding is unknown
 */
export const boundedBody = async (body: Readable, encoding: string, maxBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of decoded(body, encoding.trim().toLowerCase())) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > maxBytes) throw new OutgoingFailed('body_too_large', { limit: `${maxBytes} bytes` });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
};
