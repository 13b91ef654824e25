import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';

import { OutgoingFailed } from '../errors/outgoing-failed.js';

const decoders: Readonly<Record<string, (() => NodeJS.ReadWriteStream) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
};

const decoded = (body: Readable, encoding: string): AsyncIterable<Uint8Array | string> => {
  if (encoding === '' || encoding === 'identity') return body;
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  // Several encodings on top of each other have no honest use.
  if (decoder === undefined) throw new OutgoingFailed('encoding_not_supported');
  // An error of either side reaches the reader by the last stream.
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
