// Uploads: what clients sent for tasks to read, known by its SHA-256, so that nothing is sent twice and a broken upload goes
// on where it ended.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { ContentMismatch, Contents, type ContentWriter } from '../content/contents.js';

/** An upload as far as it has come. */
export interface UploadState {
  readonly contentId: string;
  readonly mediaType: string;
  /** Bytes that are kept. */
  readonly bytes: number;
  /** Whether it is whole, with the hash that it was sent under. */
  readonly complete: boolean;
}

/** The client goes on at another place than where the upload ended. */
export class OffsetMismatch extends Error {
  constructor(readonly offset: number) {
    super(`The upload has ${offset} bytes`);
    this.name = 'OffsetMismatch';
  }
}

/** One request of an upload. */
export interface UploadPart {
  readonly mediaType: string;
  /** Where its first byte belongs. */
  readonly offset: number;
  /** Whether its last byte is that of the whole. */
  readonly last: boolean;
  readonly maxBytes: number;
  readonly usualQuota: number;
}

const find = statement(
  'uploads.find',
  `select u.content_id as "contentId", u.media_type as "mediaType", c.bytes::float8 as bytes,
     c.sha256 is not null as complete
   from upload u join content c on c.tenant_id = u.tenant_id and c.content_id = u.content_id
   where u.tenant_id = (select pulser.tenant_id()) and u.sha256 = $1`,
);

const use = statement(
  'uploads.use',
  `update upload u set used_at = now() from content c
   where u.tenant_id = (select pulser.tenant_id()) and u.sha256 = $1
     and c.tenant_id = u.tenant_id and c.content_id = u.content_id and c.sha256 is not null
   returning u.content_id as "contentId", u.media_type as "mediaType", c.bytes::float8 as bytes, true as complete`,
);

// One that is complete stays; one that is not gives way to a whole one.
const add = statement(
  'uploads.add',
  `insert into upload as u (tenant_id, sha256, content_id, media_type)
   values ((select pulser.tenant_id()), $1, $2, $3)
   on conflict (tenant_id, sha256) do update set used_at = now(), media_type = excluded.media_type,
     content_id = case when $4 and not exists (
       select from content c where c.tenant_id = u.tenant_id and c.content_id = u.content_id and c.sha256 is not null
     ) then excluded.content_id else u.content_id end
   returning content_id as "contentId"`,
);

const drop = statement(
  'uploads.drop',
  `delete from upload where tenant_id = (select pulser.tenant_id()) and sha256 = $1 and content_id = $2`,
);

const dropExpired = statement(
  'uploads.drop-expired',
  `delete from upload where (tenant_id, sha256) in (
     select u.tenant_id, u.sha256 from upload u join content c on c.tenant_id = u.tenant_id and c.content_id = u.content_id
     where greatest(u.used_at, c.touched_at) < now() - make_interval(hours => $1) limit $2
   )
   returning tenant_id as "tenantId", content_id as "contentId"`,
);

@Injectable()
export class Uploads {
  constructor(
    private readonly database: Database,
    private readonly contents: Contents,
  ) {}

  /** @returns undefined when nothing came under this hash */
  async find(tenantId: string, sha256: Buffer): Promise<UploadState | undefined> {
    const [row] = await this.database.queryAs<UploadState>(tenantId, find, [sha256]);
    return row;
  }

  /** A complete one; from now on it is kept for as long again. */
  async use(tenantId: string, sha256: Buffer): Promise<UploadState | undefined> {
    const [row] = await this.database.queryAs<UploadState>(tenantId, use, [sha256]);
    return row;
  }

  /**
   * Takes a whole body whose hash is not known before. @returns its hash
   * @throws ContentTooLarge, ContentQuotaExceeded, what the source throws: then nothing is kept
   */
  async takeWhole(
    tenantId: string,
    source: AsyncIterable<Uint8Array>,
    part: Omit<UploadPart, 'offset' | 'last'>,
  ): Promise<{ sha256: Buffer; bytes: number }> {
    const { contentId, sha256, bytes } = await this.contents.write(tenantId, source, part);
    const used = await this.register(tenantId, sha256, { contentId, mediaType: part.mediaType, whole: true });
    if (used !== contentId) await this.contents.remove({ tenantId, contentId });
    return { sha256, bytes };
  }

  /**
   * Takes a part of what has this hash. What came until a break is kept.
   * @throws OffsetMismatch; ContentMismatch when the whole has another hash: then it is forgotten; ContentTooLarge,
   * ContentQuotaExceeded, ContentTaken, what the source throws
   */
  async takePart(
    tenantId: string,
    sha256: Buffer,
    source: AsyncIterable<Uint8Array>,
    part: UploadPart,
  ): Promise<UploadState> {
    const known = await this.find(tenantId, sha256);
    if (known?.complete === true) return known;
    const offset = known?.bytes ?? 0;
    if (offset !== part.offset) throw new OffsetMismatch(offset);
    const writer = await this.writerFor(tenantId, sha256, part, known);
    await writer.append(source, part.maxBytes);
    if (part.last) await this.finish(tenantId, sha256, writer);
    const { contentId } = writer.content;
    return { contentId, mediaType: part.mediaType, bytes: writer.bytes, complete: part.last };
  }

  /** Drops up to `limit` uploads that nobody used for so many hours. Needs the service role. */
  dropExpired(hours: number, limit: number): Promise<{ tenantId: string; contentId: string }[]> {
    return this.database.query(dropExpired, [hours, limit]);
  }

  private async writerFor(
    tenantId: string,
    sha256: Buffer,
    { mediaType, usualQuota, offset }: UploadPart,
    known: UploadState | undefined,
  ): Promise<ContentWriter> {
    const resumed = known && (await this.contents.resume({ tenantId, contentId: known.contentId }, usualQuota));
    if (resumed !== undefined) {
      // Another request came in between.
      if (resumed.bytes !== offset) throw new OffsetMismatch(resumed.bytes);
      return resumed;
    }
    const writer = await this.contents.begin(tenantId, usualQuota);
    const { contentId } = writer.content;
    const used = await this.register(tenantId, sha256, { contentId, mediaType, whole: false });
    if (used === contentId) return writer;
    await this.contents.remove(writer.content);
    throw new OffsetMismatch((await this.find(tenantId, sha256))?.bytes ?? 0);
  }

  private async register(
    tenantId: string,
    sha256: Buffer,
    { contentId, mediaType, whole }: { contentId: string; mediaType: string; whole: boolean },
  ): Promise<string> {
    const values = [sha256, contentId, mediaType, whole];
    const [row] = await this.database.queryAs<{ contentId: string }>(tenantId, add, values);
    if (row === undefined) throw new Error('An upsert returned no row');
    return row.contentId;
  }

  private async finish(tenantId: string, sha256: Buffer, writer: ContentWriter): Promise<void> {
    try {
      await writer.finish(sha256);
    } catch (error) {
      if (error instanceof ContentMismatch) {
        await this.database.queryAs(tenantId, drop, [sha256, writer.content.contentId]);
        await this.contents.remove(writer.content);
      }
      throw error;
    }
  }
}
