// Large files: an index in the database, pieces in a store. A content is visible once its hash stands in the index, which is
// after all its pieces are durable; until then only its writer knows it, and what a writer left behind is swept away.
import { createHash, type Hash, randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { ContentDamaged, type ContentRef, type PieceStore, type StoreKind } from './pieces.js';
import { PieceStores } from './stores.js';

/** A complete content. */
export interface Content extends ContentRef {
  readonly store: StoreKind;
  readonly pieceBytes: number;
  readonly bytes: number;
  readonly sha256: Buffer;
}

/** The tenant has no room for the content. */
export class ContentQuotaExceeded extends Error {
  constructor(
    /** Bytes that the tenant may keep. */
    readonly quota: number,
    /** Bytes that it keeps without this content. */
    readonly used: number,
  ) {
    super(`The tenant may keep ${quota} bytes, and keeps ${used} already`);
    this.name = 'ContentQuotaExceeded';
  }
}

/** More bytes came than were allowed. */
export class ContentTooLarge extends Error {
  constructor(readonly maxBytes: number) {
    super(`It has more than ${maxBytes} bytes`);
    this.name = 'ContentTooLarge';
  }
}

/** Another writer has taken the content over, or it was swept away. */
export class ContentTaken extends Error {
  constructor() {
    super('Another writer goes on with this content');
    this.name = 'ContentTaken';
  }
}

/** The bytes have another hash than was said. */
export class ContentMismatch extends Error {
  constructor(
    readonly expected: Buffer,
    readonly actual: Buffer,
  ) {
    super(`The SHA-256 is ${actual.toString('hex')} instead of ${expected.toString('hex')}`);
    this.name = 'ContentMismatch';
  }
}

const find = statement(
  'content.find',
  `select tenant_id as "tenantId", content_id as "contentId", store, piece_bytes as "pieceBytes",
     bytes::float8 as bytes, sha256
   from content where tenant_id = (select pulser.tenant_id()) and content_id = $1 and sha256 is not null`,
);

const begin = statement(
  'content.begin',
  `insert into content (tenant_id, store, piece_bytes, writer) values ((select pulser.tenant_id()), $1, $2, $3)
   returning content_id as "contentId"`,
);

const takeOver = statement(
  'content.take-over',
  `update content set writer = $2, touched_at = now()
   where tenant_id = (select pulser.tenant_id()) and content_id = $1 and sha256 is null
   returning store, piece_bytes as "pieceBytes", bytes::float8 as bytes`,
);

const advance = statement(
  'content.advance',
  `update content set bytes = $3, touched_at = now()
   where tenant_id = (select pulser.tenant_id()) and content_id = $1 and writer = $2 and sha256 is null returning 1 as ok`,
);

// Contents of a tenant are completed one after the other, so that together they keep to its quota.
const lockTenant = statement(
  'content.lock',
  `select pg_advisory_xact_lock(hashtextextended('content of ' || pulser.tenant_id()::text, 0))`,
);

const room = statement(
  'content.room',
  `select coalesce(t.max_content_bytes, $2)::float8 as quota, (
     select coalesce(sum(c.bytes), 0)::float8 from content c
     where c.tenant_id = (select pulser.tenant_id()) and c.content_id is distinct from $1
   ) as used
   from tenant t where t.tenant_id = (select pulser.tenant_id())`,
);

const complete = statement(
  'content.complete',
  `update content set bytes = $3, sha256 = $4, writer = null, touched_at = now()
   where tenant_id = (select pulser.tenant_id()) and content_id = $1 and writer = $2 and sha256 is null returning 1 as ok`,
);

const usage = `(select content_id from dataset_version v where v.tenant_id = c.tenant_id and v.content_id = c.content_id
   union all select content_id from upload u where u.tenant_id = c.tenant_id and u.content_id = c.content_id
   union all select content_id from task_artifact a where a.tenant_id = c.tenant_id and a.content_id = c.content_id)`;

// From here on no reader finds it, and no writer can go on.
const hide = statement(
  'content.hide',
  `update content c set sha256 = null, writer = null
   where c.tenant_id = (select pulser.tenant_id()) and c.content_id = $1 and not exists ${usage}
   returning store, piece_bytes as "pieceBytes", bytes::float8 as bytes`,
);

const forget = statement(
  'content.forget',
  `delete from content where tenant_id = (select pulser.tenant_id()) and content_id = $1 and sha256 is null
     and writer is null`,
);

const abandoned = statement(
  'content.abandoned',
  `select tenant_id as "tenantId", content_id as "contentId" from content c
   where touched_at < now() - make_interval(secs => $1) and not exists ${usage}
   order by touched_at limit $2`,
);

const usedBytes = statement(
  'content.used',
  `select coalesce(sum(bytes), 0)::float8 as bytes from content where tenant_id = (select pulser.tenant_id())`,
);

interface Place {
  readonly store: StoreKind;
  readonly pieceBytes: number;
  readonly bytes: number;
}

/** Bytes of a content, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** The large files of tenants. Every method throws DatabaseUnavailable or ContentUnavailable while it cannot be reached. */
@Injectable()
export class Contents {
  constructor(
    private readonly database: Database,
    private readonly stores: PieceStores,
  ) {}

  /** A complete one. */
  async find(tenantId: string, contentId: string): Promise<Content | undefined> {
    const [row] = await this.database.queryAs<Content>(tenantId, find, [contentId]);
    return row;
  }

  /** Begins a new one. @param usualQuota bytes that a tenant without a quota of its own may keep */
  async begin(tenantId: string, usualQuota: number): Promise<ContentWriter> {
    const store = this.stores.current;
    const writer = randomUUID();
    const [row] = await this.database.queryAs<{ contentId: string }>(tenantId, begin, [
      store.kind,
      store.pieceBytes,
      writer,
    ]);
    if (row === undefined) throw new Error('An insert returned no row');
    const place = { store: store.kind, pieceBytes: store.pieceBytes, bytes: 0 };
    return this.writerOf({ tenantId, contentId: row.contentId }, place, writer, usualQuota);
  }

  /** Goes on with one that is not complete; its earlier writer can go on no more. @returns undefined when there is none */
  async resume(content: ContentRef, usualQuota: number): Promise<ContentWriter | undefined> {
    const token = randomUUID();
    const [row] = await this.database.queryAs<Place>(content.tenantId, takeOver, [content.contentId, token]);
    if (row === undefined) return undefined;
    const writer = await this.writerOf(content, row, token, usualQuota);
    await writer.readPartialPiece();
    return writer;
  }

  /**
   * Keeps what a source yields as a content of its own.
   * @param options.maxBytes of the whole
   * @throws ContentTooLarge, ContentQuotaExceeded, what the source throws; then nothing is kept
   */
  async write(
    tenantId: string,
    source: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly usualQuota: number },
  ): Promise<Content> {
    const writer = await this.begin(tenantId, options.usualQuota);
    try {
      await writer.append(source, options.maxBytes);
      return await writer.finish();
    } catch (error) {
      // What cannot be removed now is swept away later.
      await this.remove(writer.content).catch(() => undefined);
      throw error;
    }
  }

  /** The bytes of a complete content, a piece at a time. @throws ContentDamaged */
  async *read(content: Content, range: ByteRange = { first: 0, last: content.bytes - 1 }): AsyncGenerator<Buffer> {
    const store = this.stores.of(content.store);
    const { pieceBytes, bytes } = content;
    const last = Math.min(range.last, bytes - 1);
    for (let n = Math.floor(range.first / pieceBytes); n * pieceBytes <= last; n += 1) {
      const at = n * pieceBytes;
      const piece = await store.get(content, n, at, Math.min(pieceBytes, bytes - at));
      yield piece.subarray(Math.max(0, range.first - at), Math.min(piece.length, last - at + 1));
    }
  }

  /** The same, all of it. @throws ContentDamaged also at the end, when the hash is another one */
  async *readChecked(content: Content): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    for await (const piece of this.read(content)) {
      hash.update(piece);
      yield piece;
    }
    if (!hash.digest().equals(content.sha256)) throw new ContentDamaged(content, 'it has another hash');
  }

  /** Path of a complete content where it is one file of this machine. */
  fileOf(content: Content): string | undefined {
    return this.stores.of(content.store).fileOf?.(content);
  }

  /** Removes a content that nothing refers to; one that is in use stays. */
  async remove(content: ContentRef): Promise<void> {
    const { tenantId, contentId } = content;
    const [hidden] = await this.database.queryAs<Place>(tenantId, hide, [contentId]);
    if (hidden === undefined) return;
    await this.stores.of(hidden.store).remove(content, hidden.bytes, hidden.pieceBytes);
    await this.database.queryAs(tenantId, forget, [contentId]);
  }

  /** Bytes that a tenant keeps, unfinished contents among them. */
  async used(tenantId: string): Promise<number> {
    const [row] = await this.database.queryAs<{ bytes: number }>(tenantId, usedBytes);
    return row?.bytes ?? 0;
  }

  /**
   * Removes contents to which nothing refers, whole or not, and which nobody has touched for a while. Needs the service role.
   * @returns how many
   */
  async sweep(untouchedS: number, limit: number): Promise<number> {
    const rows = await this.database.query<ContentRef>(abandoned, [untouchedS, limit]);
    for (const row of rows) await this.remove(row);
    return rows.length;
  }

  private async writerOf(
    content: ContentRef,
    place: Place,
    writer: string,
    usualQuota: number,
  ): Promise<ContentWriter> {
    const store = this.stores.of(place.store);
    const { tenantId, contentId } = content;
    const left = await this.database
      .queryAs<Room>(tenantId, room, [contentId, usualQuota])
      .then(([row]) => row ?? noTenant());
    return new ContentWriter(this.database, store, this, { content, place, writer, usualQuota, left });
  }
}

const noTenant = (): never => {
  throw new Error('There is no such tenant');
};

interface Room {
  readonly quota: number;
  readonly used: number;
}

interface Writing {
  readonly content: ContentRef;
  readonly place: Place;
  readonly writer: string;
  readonly usualQuota: number;
  readonly left: Room;
}

/**
 * Writes one content, in one go or continued after a break. Holds two pieces in memory at most: one is filled while the
 * other one is kept.
 */
export class ContentWriter {
  readonly content: ContentRef;
  private readonly pieceBytes: number;
  /** Of the whole, undefined when an earlier writer has begun it: then it is read again at the end. */
  private readonly hash: Hash | undefined;
  private kept: number;
  private filling: Buffer;
  private filled = 0;
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly store: PieceStore,
    private readonly contents: Contents,
    private readonly writing: Writing,
  ) {
    this.content = writing.content;
    this.pieceBytes = writing.place.pieceBytes;
    const { bytes } = writing.place;
    this.kept = bytes - (bytes % this.pieceBytes);
    this.hash = bytes === 0 ? createHash('sha256') : undefined;
    this.filling = Buffer.allocUnsafeSlow(this.pieceBytes);
  }

  /** Bytes of the whole that were taken so far. */
  get bytes(): number {
    return this.kept + this.filled;
  }

  /** What an earlier writer left of a piece. */
  async readPartialPiece(): Promise<void> {
    const { bytes } = this.writing.place;
    const left = bytes - this.kept;
    if (left === 0) return;
    this.filling.set(await this.store.get(this.content, this.kept / this.pieceBytes, this.kept, left));
    this.filled = left;
  }

  /**
   * Adds what a source yields. Also when it throws, all that came until then is durable: a later writer goes on after it.
   * @param maxBytes of the whole
   * @throws ContentTooLarge, ContentQuotaExceeded, ContentTaken, what the source throws
   */
  async append(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<void> {
    try {
      for await (const chunk of source) {
        this.requireRoom(this.bytes + chunk.length, maxBytes);
        this.hash?.update(chunk);
        await this.fill(chunk);
      }
    } finally {
      await this.keepPartialPiece();
    }
  }

  /**
   * Makes it visible. @param expected its hash, as the client says
   * @throws ContentMismatch; ContentQuotaExceeded; ContentTaken
   */
  async finish(expected?: Buffer): Promise<Content> {
    const bytes = this.bytes;
    const sha256 = this.hash?.digest() ?? (await this.hashAgain());
    if (expected?.equals(sha256) === false) throw new ContentMismatch(expected, sha256);
    await this.store.seal(this.content, bytes);
    const { tenantId } = this.content;
    await this.database.withTenant(tenantId, (transaction) => this.complete(transaction, sha256));
    return { ...this.content, store: this.store.kind, pieceBytes: this.pieceBytes, bytes, sha256 };
  }

  private async complete(transaction: TenantTransaction, sha256: Buffer): Promise<void> {
    const { contentId } = this.content;
    const { writer, usualQuota } = this.writing;
    await transaction.query(lockTenant);
    const [left] = await transaction.query<Room>(room, [contentId, usualQuota]);
    const { quota, used } = left ?? noTenant();
    if (used + this.bytes > quota) throw new ContentQuotaExceeded(quota, used);
    const done = await transaction.query(complete, [contentId, writer, this.bytes, sha256]);
    if (done.length === 0) throw new ContentTaken();
  }

  private requireRoom(bytes: number, maxBytes: number): void {
    const { quota, used } = this.writing.left;
    if (bytes > maxBytes) throw new ContentTooLarge(maxBytes);
    if (used + bytes > quota) throw new ContentQuotaExceeded(quota, used);
  }

  private async fill(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + this.pieceBytes - this.filled);
      this.filling.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled < this.pieceBytes) continue;
      // The piece before this one is kept by then: no more than two are in memory.
      await this.keeping;
      this.keep();
    }
  }

  /** Begins to keep the piece that was filled. */
  private keep(): void {
    const [piece, at, earlier] = [this.filling.subarray(0, this.filled), this.kept, this.keeping];
    this.kept += this.filled;
    this.filled = 0;
    this.filling = Buffer.allocUnsafeSlow(this.pieceBytes);
    this.keeping = earlier.then(() => this.put(piece, at));
    // Thrown where it is awaited.
    this.keeping.catch(() => undefined);
  }

  /** Its bytes stay in memory, too: more may come. */
  private async keepPartialPiece(): Promise<void> {
    await this.keeping;
    if (this.filled > 0) await this.put(this.filling.subarray(0, this.filled), this.kept);
  }

  private async put(piece: Buffer, at: number): Promise<void> {
    await this.store.put(this.content, at / this.pieceBytes, piece, at);
    const { tenantId, contentId } = this.content;
    const values = [contentId, this.writing.writer, at + piece.length];
    const known = await this.database.queryAs(tenantId, advance, values);
    if (known.length === 0) throw new ContentTaken();
  }

  private async hashAgain(): Promise<Buffer> {
    const hash = createHash('sha256');
    const whole = { ...this.content, ...this.writing.place, bytes: this.bytes, sha256: Buffer.alloc(0) };
    for await (const piece of this.contents.read(whole)) hash.update(piece);
    return hash.digest();
  }
}
