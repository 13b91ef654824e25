// Answers that are files: with an entity tag, a part of them where that is asked for, and never all of it in memory.
import { Readable } from 'node:stream';

import { HttpStatus, StreamableFile } from '@nestjs/common';
import type { ByteRange } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { hasContent } from './parameters.js';
import { rangeOf } from './ranges.policy.js';

/** A file to be sent. */
export interface SentFile {
  readonly bytes: number;
  readonly mediaType: string;
  /** The entity tag with its quotes. */
  readonly etag: string;
  readonly read: (range: ByteRange) => AsyncIterable<Buffer>;
}

/** The entity tag of a content (RFC 9110) is its hash. */
export const tagOfHash = (sha256: Buffer): string => `"${sha256.toString('base64url')}"`;

// RFC 9110, 13.1.5: of another file than the client has a part of, it gets all.
const isStale = (ifRange: string | undefined, etag: string): boolean => ifRange !== undefined && ifRange !== etag;

/** Documents its headers. */
export const fileHeaders = {
  ETag: 'Hash of the content, for If-None-Match and If-Range',
  'Accept-Ranges': '`bytes`: a part may be asked for by the header Range',
};

/**
 * Answers with a file, a part of it (206), or that the client has it already (304). Headers of the caller's stay.
 * @returns what the handler returns
 * @throws HttpError `range_not_satisfiable`
 */
export const answerWithFile = (
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { bytes, mediaType, etag, read }: SentFile,
): StreamableFile | undefined => {
  reply.headers({ etag, 'accept-ranges': 'bytes' });
  if (hasContent(headers['if-none-match'], etag)) {
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }
  const asked = isStale(headers['if-range'] as string | undefined, etag) ? undefined : rangeOf(headers.range, bytes);
  if (asked === 'unsatisfiable') {
    reply.header('content-range', `bytes */${bytes}`);
    throw new HttpError('range_not_satisfiable', { extensions: { bytes } });
  }
  const range = asked ?? { first: 0, last: bytes - 1 };
  const length = range.last - range.first + 1;
  reply.headers({ 'content-type': mediaType, 'content-length': length });
  if (asked !== undefined)
    reply.status(HttpStatus.PARTIAL_CONTENT).header('content-range', `bytes ${range.first}-${range.last}/${bytes}`);
  // Fastify reads the answer to a HEAD to its end.
  if (method === 'HEAD') return new StreamableFile(Readable.from([]), { length });
  return new StreamableFile(Readable.from(read(range), { objectMode: false }), { length });
};
