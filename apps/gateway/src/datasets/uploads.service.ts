// Receiving files: bodies that go to the store of large files as they come.
import { Injectable } from '@nestjs/common';
import {
  ContentMismatch,
  ContentQuotaExceeded,
  ContentTaken,
  ContentTooLarge,
  OffsetMismatch,
  Uploads,
  type UploadState,
} from '@pulser/context-bus';
import { HttpError, type UploadView } from '@pulser/contracts';
import { bodyTooLarge, Metrics, streamedBody } from '@pulser/service-kit';
import type { FastifyRequest } from 'fastify';

import { GatewayEnv } from '../gateway.env.js';
import { mediaTypeOf } from './data-formats.policy.js';

export const uploadPath = (sha256: string): string => `/api/v1/uploads/${sha256}`;

export const uploadView = (
  hash: Buffer,
  { bytes, complete, mediaType }: Omit<UploadState, 'contentId'>,
): UploadView => {
  const sha256 = hash.toString('hex');
  const links = { self: uploadPath(sha256) };
  return { sha256, bytes, complete, media_type: mediaType, reference: `upload:${sha256}`, links };
};

/** The problem with which a client learns that its file was not kept. */
const refusalOf = (error: unknown): unknown => {
  if (error instanceof ContentTooLarge) return bodyTooLarge(error.maxBytes, error);
  if (error instanceof ContentQuotaExceeded) {
    const extensions = { quota_bytes: error.quota, used_bytes: error.used };
    return new HttpError('content_quota_exceeded', { detail: error.message, extensions });
  }
  if (error instanceof OffsetMismatch)
    return new HttpError('upload_offset_mismatch', { detail: error.message, extensions: { offset: error.offset } });
  if (error instanceof ContentMismatch) return new HttpError('digest_mismatch', { detail: error.message });
  if (error instanceof ContentTaken)
    return new HttpError('conflict', { detail: 'Another request goes on with this upload' });
  return error;
};

const notEmpty = async function* (body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let empty = true;
  for await (const chunk of body) {
    empty = false;
    yield chunk;
  }
  if (empty) throw new HttpError('invalid_request', { detail: 'The body is empty: it must be a file' });
};

/** A part of an upload. */
export interface ReceivedPart {
  readonly sha256: Buffer;
  readonly offset: number;
  readonly last: boolean;
}

type Outcome = 'complete' | 'partial' | 'refused' | 'known';

/** Receives files, never holding more than two pieces of one in memory. */
@Injectable()
export class UploadsService {
  private readonly requests;
  private readonly bytes;

  constructor(
    private readonly uploads: Uploads,
    private readonly env: GatewayEnv,
    metrics: Metrics,
  ) {
    this.requests = metrics.counter({
      name: 'pulser_uploads_total',
      help: 'Requests that sent a file or a part of one, and what became of them',
      labelNames: ['outcome'],
    });
    this.bytes = metrics.counter({ name: 'pulser_upload_bytes_total', help: 'Bytes of files that were received' });
  }

  /** @returns undefined when nothing came under this hash */
  async find(tenantId: string, sha256: Buffer): Promise<UploadView | undefined> {
    const state = await this.uploads.find(tenantId, sha256);
    return state && uploadView(sha256, state);
  }

  /**
   * Receives a file of which nothing is known before it came.
   * @throws HttpError `payload_too_large`, `content_quota_exceeded`, `invalid_request` when it is empty
   */
  async receive(tenantId: string, request: FastifyRequest): Promise<UploadView> {
    const { body, mediaType, limits } = this.open(request);
    return this.counted(async () => {
      const { sha256, bytes } = await this.uploads.takeWhole(tenantId, notEmpty(body), { mediaType, ...limits });
      return uploadView(sha256, { bytes, mediaType, complete: true });
    });
  }

  /**
   * Receives a part of the file with this hash, or all of it. One that is there is not read again.
   * @throws HttpError `upload_offset_mismatch`, `digest_mismatch`, `conflict`, `payload_too_large`, `content_quota_exceeded`
   */
  async receivePart(tenantId: string, request: FastifyRequest, part: ReceivedPart): Promise<UploadView> {
    const known = await this.uploads.use(tenantId, part.sha256);
    if (known !== undefined) {
      this.requests.inc({ outcome: 'known' });
      return uploadView(part.sha256, known);
    }
    const { body, mediaType, limits } = this.open(request);
    const { sha256, offset, last } = part;
    return this.counted(async () =>
      uploadView(sha256, await this.uploads.takePart(tenantId, sha256, body, { mediaType, offset, last, ...limits })),
    );
  }

  private open(request: FastifyRequest) {
    const { body, mediaType } = streamedBody(request);
    const limits = { maxBytes: this.env.DATASET_MAX_BYTES, usualQuota: this.env.CONTENT_QUOTA_BYTES };
    const announced = Number(request.headers['content-length']);
    if (announced > limits.maxBytes) throw bodyTooLarge(limits.maxBytes);
    return { body: this.counting(body as AsyncIterable<Buffer>), mediaType: mediaTypeOf(mediaType), limits };
  }

  private async *counting(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      this.bytes.inc(chunk.length);
      yield chunk;
    }
  }

  private async counted(receive: () => Promise<UploadView>): Promise<UploadView> {
    let outcome: Outcome = 'refused';
    try {
      const view = await receive();
      outcome = view.complete ? 'complete' : 'partial';
      return view;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      this.requests.inc({ outcome });
    }
  }
}
