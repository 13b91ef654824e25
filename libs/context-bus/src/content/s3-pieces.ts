// Pieces in a bucket of any store that speaks the S3 API, one object each. Objects have no parts: a content that is half
// written is continued at a piece, whatever the store thinks of multipart uploads.
import { EndpointClient } from '@pulser/outgoing';
import type { Breaker, Breakers } from '@pulser/service-kit';
import { S3mini, S3ServiceError } from 's3mini';

import { ContentDamaged, type ContentRef, ContentUnavailable, type PieceStore } from './pieces.js';

export interface S3Settings {
  /** URL of the server, with the bucket as its path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const pieceBytes = 8_388_608;

/** Milliseconds for which the store may be silent. */
const idleMs = 30_000;

/** Milliseconds that one request may take with all its bytes. */
const requestMs = 120_000;

// Numbers sort as texts, for a person who lists the bucket.
const keyOf = ({ tenantId, contentId }: ContentRef, n: number): string =>
  `${tenantId}/${contentId}/${String(n).padStart(6, '0')}`;

/** Whether the store is away or broken. One that answers that a request is wrong or not allowed works. */
const isOutage = (error: unknown): boolean =>
  !(error instanceof S3ServiceError && error.status < 500 && error.status !== 429);

export class S3Pieces implements PieceStore {
  readonly kind = 's3';
  readonly pieceBytes = pieceBytes;
  private readonly client: EndpointClient;
  private readonly bucket: S3mini;
  private readonly breaker: Breaker;

  constructor({ endpoint, region, accessKeyId, secretAccessKey }: S3Settings, breakers: Breakers) {
    this.breaker = breakers.of('content_store', { isFailure: isOutage });
    this.client = new EndpointClient(endpoint, { idleMs, maxBytes: 2 * pieceBytes });
    this.bucket = new S3mini({
      endpoint,
      region,
      accessKeyId,
      secretAccessKey,
      requestAbortTimeout: requestMs,
      fetch: this.client.fetch,
    });
  }

  async put(content: ContentRef, n: number, piece: Buffer): Promise<void> {
    await this.reaching(async () => {
      const answer = await this.bucket.putObject(keyOf(content, n), piece);
      await answer.body?.cancel();
    });
  }

  seal(): Promise<void> {
    return Promise.resolve();
  }

  async get(content: ContentRef, n: number, _at: number, length: number): Promise<Buffer> {
    const bytes = await this.reaching(() => this.bucket.getObjectArrayBuffer(keyOf(content, n)));
    if (bytes?.byteLength === length) return Buffer.from(bytes);
    throw new ContentDamaged(content, `piece ${n} has ${bytes?.byteLength ?? 'no'} bytes instead of ${length}`);
  }

  /** Deleting what is not there is no error in S3. */
  async remove(content: ContentRef, bytes: number, ownPieceBytes: number): Promise<void> {
    const pieces = Math.ceil(bytes / ownPieceBytes) + 1;
    for (let n = 0; n < pieces; n += 1) await this.reaching(() => this.bucket.deleteObject(keyOf(content, n)));
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private async reaching<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.breaker.run(work);
    } catch (error) {
      throw new ContentUnavailable('s3', error);
    }
  }
}
