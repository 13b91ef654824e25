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

const bodyOf = (order: ExchangeOrder, { statusCode, body }: Dispatcher.ResponseData, headers: Exchange['headers']) => {
  if (!hasBody(order.hop.method, statusCode) || !order.wantsBody(statusCode, headers)) return nothing();
  refuseLarger(order, headers['content-length']);
  return boundedChunks(body, headers['content-encoding'] ?? '', order.maxBytes);
};

/** An answer whose body is still coming. To be closed, whether it was read to its end or not. */
export interface OpenExchange extends Omit<Exchange, 'body'> {
  readonly body: AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Sends one request over a connection to one of the checked addresses, and reads the head of its answer. */
export const openExchange = async (order: ExchangeOrder): Promise<OpenExchange> => {
  const { hop, signal } = order;
  const client = clientFor(order);
  try {
    const { method, headers, body, url } = hop;
    const answer = await client.request({ method, headers, body, path: url.pathname + url.search, signal });
    // An unread body fails when its connection is closed; without a listener that error would end the process.
    answer.body.on('error', () => undefined);
    const given = flat(answer.headers);
    const chunks = bodyOf(order, answer, given);
    return { status: answer.statusCode, headers: given, body: chunks, close: () => client.destroy() };
  } catch (error) {
    await client.destroy();
    throw error;
  }
};

/** Sends one request, reads its answer and closes the connection. */
export const exchange = async (order: ExchangeOrder): Promise<Exchange> => {
  const { status, headers, body, close } = await openExchange(order);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { status, headers, body: Buffer.concat(chunks) };
  } finally {
    await close();
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

// eslint-disable-next-line @typescript-eslint/require-await
const nothing = async function* (): AsyncGenerator<Uint8Array> {
  yield* [];
};

/**
 * A body, decoded as it comes, up to `maxBytes` decoded bytes.
 * @throws OutgoingFailed when it is larger or its encoding is unknown
 */
const boundedChunks = async function* (body: Readable, encoding: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of decoded(body, encoding.trim().toLowerCase())) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > maxBytes) throw new OutgoingFailed('body_too_large', { limit: `${maxBytes} bytes` });
    yield bytes;
  }
};
