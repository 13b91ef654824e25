import { createHash, randomBytes } from 'node:crypto';

import type { Database } from '@pulser/database';

import {
  type Content,
  ContentDamaged,
  ContentMismatch,
  ContentQuotaExceeded,
  type ContentRef,
  Contents,
  ContentTaken,
  ContentTooLarge,
  type PieceStores,
} from '../src/index.js';
import { gathered } from './gathered.js';
import { TaskLife } from './task-life.js';

/** A store under test, with what a spec must see behind its back. */
export interface StoreUnderTest {
  readonly stores: PieceStores;
  /** Pieces of a content that lie in the store. */
  pieces(content: ContentRef): Promise<number>;
  /** Changes a byte. */
  damage(content: Content): Promise<void>;
  close(): Promise<void>;
}

export type OpenStore = (database: Database, life: TaskLife) => Promise<StoreUnderTest>;

const usualQuota = 1_073_741_824;
const unbounded = { maxBytes: Infinity, usualQuota };

const megabyte = 1_048_576;

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/** In parts that fit no size of a piece. */
async function* inParts(bytes: Buffer, size = 700_001): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function* broken(bytes: Buffer): AsyncGenerator<Buffer> {
  yield* inParts(bytes);
  throw new Error('the connection broke');
}

/** What every store of large files does. */
export const contentsContract = (kind: string, open: OpenStore): void => {
  describe(`large files in the store ${kind}`, () => {
    let life: TaskLife;
    let store: StoreUnderTest;
    let contents: Contents;
    let tenantId: string;
    let pieceBytes: number;

    beforeAll(async () => {
      life = await TaskLife.start();
      ({ tenantId } = life);
      store = await open(life.database, life);
      contents = new Contents(life.database, store.stores);
      ({ pieceBytes } = store.stores.current);
    });

    afterAll(async () => {
      await store.close();
      await life.stop();
    });

    const kept = (bytes: Buffer): Promise<Content> => contents.write(tenantId, inParts(bytes), unbounded);

    it('come back as they were, of any size, with their hash', async () => {
      for (const size of [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes + 12_345]) {
        const bytes = randomBytes(size);
        const content = await kept(bytes);
        expect([content.store, content.bytes, content.sha256]).toEqual([kind, size, sha256(bytes)]);
        expect(await contents.find(tenantId, content.contentId)).toEqual(content);
        expect((await gathered(contents.readChecked(content))).equals(bytes)).toBe(true);
        expect(await store.pieces(content)).toBe(Math.ceil(size / pieceBytes));
      }
    });

    it('are read in any range of bytes', async () => {
      const bytes = randomBytes(2 * pieceBytes + 100);
      const content = await kept(bytes);
      const ends = [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, bytes.length - 1];
      for (const first of ends)
        for (const last of ends.filter((end) => end >= first)) {
          const read = await gathered(contents.read(content, { first, last }));
          expect([first, last, read.equals(bytes.subarray(first, last + 1))]).toEqual([first, last, true]);
        }
    });

    it('are not pulled further than two pieces ahead of what is durable', async () => {
      const part = randomBytes(250_000);
      let pulled = 0;
      let ahead = 0;
      const source = async function* (): AsyncGenerator<Buffer> {
        while (pulled < 5 * pieceBytes) {
          const durable = await contents.used(tenantId);
          ahead = Math.max(ahead, before + pulled - durable);
          pulled += part.length;
          yield part;
        }
      };
      const before = await contents.used(tenantId);
      await contents.write(tenantId, source(), unbounded);
      expect(ahead).toBeLessThanOrEqual(2 * pieceBytes + part.length);
    });

    it('are seen by nobody until they are whole, and go on where they broke off', async () => {
      const bytes = randomBytes(2 * pieceBytes + 4_321);
      const cut = pieceBytes + 1_234;
      const writer = await contents.begin(tenantId, usualQuota);
      const { contentId } = writer.content;
      await expect(writer.append(broken(bytes.subarray(0, cut)), Infinity)).rejects.toThrow('the connection broke');
      expect(await contents.find(tenantId, contentId)).toBeUndefined();

      const later = await contents.resume({ tenantId, contentId }, usualQuota);
      expect(later?.bytes).toBe(cut);
      await later?.append(inParts(bytes.subarray(cut)), Infinity);
      expect(await contents.find(tenantId, contentId)).toBeUndefined();
      const content = await later?.finish(sha256(bytes));
      expect(content?.bytes).toBe(bytes.length);
      expect((await gathered(contents.readChecked(content as Content))).equals(bytes)).toBe(true);
    });

    it('go on in steps smaller than a piece', async () => {
      const bytes = randomBytes(1_000);
      const { content } = await contents.begin(tenantId, usualQuota);
      for (let at = 0; at < bytes.length; at += 100) {
        const writer = await contents.resume(content, usualQuota);
        expect(writer?.bytes).toBe(at);
        await writer?.append(inParts(bytes.subarray(at, at + 100)), Infinity);
      }
      const last = await contents.resume(content, usualQuota);
      expect((await last?.finish(sha256(bytes)))?.sha256).toEqual(sha256(bytes));
    });

    it('have one writer at a time: the later one takes over', async () => {
      const bytes = randomBytes(pieceBytes + 10);
      const first = await contents.begin(tenantId, usualQuota);
      await first.append(inParts(bytes.subarray(0, 10)), Infinity);
      const second = await contents.resume(first.content, usualQuota);
      await expect(first.append(inParts(bytes.subarray(10)), Infinity)).rejects.toBeInstanceOf(ContentTaken);
      await expect(first.finish()).rejects.toBeInstanceOf(ContentTaken);
      await second?.append(inParts(bytes.subarray(10)), Infinity);
      expect((await second?.finish(sha256(bytes)))?.bytes).toBe(bytes.length);
      expect(await contents.resume(first.content, usualQuota)).toBeUndefined();
    });

    it('are refused when they have another hash than was said', async () => {
      const writer = await contents.begin(tenantId, usualQuota);
      await writer.append(inParts(randomBytes(10)), Infinity);
      await expect(writer.finish(sha256(Buffer.from('other')))).rejects.toBeInstanceOf(ContentMismatch);
      expect(await contents.find(tenantId, writer.content.contentId)).toBeUndefined();
    });

    it('leave nothing behind when they are too large or the tenant has no room', async () => {
      const before = await contents.used(tenantId);
      const bytes = randomBytes(pieceBytes + 2);
      const write = (options: typeof unbounded) => contents.write(tenantId, inParts(bytes), options);
      await expect(write({ ...unbounded, maxBytes: bytes.length - 1 })).rejects.toBeInstanceOf(ContentTooLarge);
      const little = { ...unbounded, usualQuota: before + bytes.length - 1 };
      await expect(write(little)).rejects.toMatchObject({ quota: little.usualQuota, used: before });
      expect(await contents.used(tenantId)).toBe(before);
      await write({ maxBytes: bytes.length, usualQuota: before + bytes.length });
    });

    it('of a tenant together never go beyond its quota, however many come at once', async () => {
      const other = await life.tenants.ensure('crowded');
      const bytes = randomBytes(1_000);
      const limits = { maxBytes: Infinity, usualQuota: 5_500 };
      const ends = await Promise.allSettled(
        Array.from({ length: 20 }, () => contents.write(other, inParts(bytes), limits)),
      );
      const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      expect(refused.length).toBeGreaterThanOrEqual(15);
      for (const reason of refused) expect(reason).toBeInstanceOf(ContentQuotaExceeded);
      expect(await contents.used(other)).toBeLessThanOrEqual(5_500);
    });

    it('of one tenant are not found, continued or removed by another', async () => {
      const other = await life.tenants.ensure('other');
      const content = await kept(randomBytes(10));
      const theirs = { tenantId: other, contentId: content.contentId };
      expect(await contents.find(other, content.contentId)).toBeUndefined();
      expect(await contents.resume(theirs, usualQuota)).toBeUndefined();
      await contents.remove(theirs);
      expect(await contents.find(tenantId, content.contentId)).toEqual(content);
      expect(await store.pieces(content)).toBe(1);
    });

    it('are gone from index and store when they are removed, unless something refers to them', async () => {
      const content = await kept(randomBytes(pieceBytes + 1));
      await life.server.query(
        `insert into upload (tenant_id, sha256, content_id, media_type) values ($1, $2, $3, 'text/csv')`,
        [tenantId, content.sha256, content.contentId],
      );
      await contents.remove(content);
      expect(await contents.find(tenantId, content.contentId)).toEqual(content);
      await life.server.query('delete from upload where tenant_id = $1', [tenantId]);
      await contents.remove(content);
      expect(await contents.find(tenantId, content.contentId)).toBeUndefined();
      expect(await store.pieces(content)).toBe(0);
      expect(await life.server.query('select from content where content_id = $1', [content.contentId])).toEqual([]);
    });

    it('that a writer left behind are swept away, and no others', async () => {
      const left = await contents.begin(tenantId, usualQuota);
      await left.append(inParts(randomBytes(pieceBytes + 1)), Infinity);
      const { contentId } = left.content;
      const working = await contents.begin(tenantId, usualQuota);
      await life.server.query(`update content set touched_at = now() - interval '2 hours' where content_id = $1`, [
        contentId,
      ]);
      expect(await contents.sweep(3_600, 100)).toBe(1);
      expect(await store.pieces(left.content)).toBe(0);
      await expect(left.finish()).rejects.toThrow();
      await working.append(inParts(randomBytes(10)), Infinity);
      expect((await working.finish()).bytes).toBe(10);
    });

    it('are not given out damaged', async () => {
      const content = await kept(randomBytes(megabyte));
      await store.damage(content);
      await expect(gathered(contents.readChecked(content))).rejects.toBeInstanceOf(ContentDamaged);
      const cut = await kept(randomBytes(pieceBytes + 1));
      await expect(gathered(contents.read({ ...cut, bytes: cut.bytes + 5 }))).rejects.toBeInstanceOf(ContentDamaged);
    });
  });
};
