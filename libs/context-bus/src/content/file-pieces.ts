// Pieces in files of this machine, one file per content: for embedded mode, whose database runs one statement at a time.
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ContentDamaged, type ContentRef, ContentUnavailable, type PieceStore } from './pieces.js';

// Each piece costs a commit of the index, which in embedded mode waits for the disk.
const pieceBytes = 8_388_608;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
};

/** Reads until `length` bytes or the end of the file. */
const readAt = async (file: FileHandle, at: number, length: number): Promise<Buffer> => {
  const piece = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(piece, read, length - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return piece.subarray(0, read);
};

export class FilePieces implements PieceStore {
  readonly kind = 'files';
  readonly pieceBytes = pieceBytes;

  /** @param folder made when it is missing; nothing else may be in it */
  constructor(private readonly folder: string) {}

  // Both are UUIDs that the database has made.
  fileOf({ tenantId, contentId }: ContentRef): string {
    return join(this.folder, tenantId, contentId);
  }

  async put(content: ContentRef, _n: number, piece: Buffer, at: number): Promise<void> {
    await this.reaching(async () => {
      const file = await this.openToWrite(content);
      try {
        let written = 0;
        while (written < piece.length)
          written += (await file.write(piece, written, piece.length - written, at + written)).bytesWritten;
      } finally {
        await file.close();
      }
    });
  }

  // A content is only complete in the index after this: what a crash of the machine takes was never visible.
  async seal(content: ContentRef, bytes: number): Promise<void> {
    await this.reaching(async () => {
      const file = await this.openToWrite(content);
      try {
        // An earlier writer may have come further.
        await file.truncate(bytes);
        await file.sync();
        await file.chmod(0o400);
      } finally {
        await file.close();
      }
      await syncFolder(join(this.folder, content.tenantId));
    });
  }

  async get(content: ContentRef, n: number, at: number, length: number): Promise<Buffer> {
    const piece = await this.reaching(async () => {
      const file = await open(this.fileOf(content), 'r').catch(unlessMissing);
      return file && readAt(file, at, length).finally(() => file.close());
    });
    if (piece?.length === length) return piece;
    throw new ContentDamaged(content, `piece ${n} has ${piece?.length ?? 'no'} bytes instead of ${length}`);
  }

  async remove(content: ContentRef): Promise<void> {
    await this.reaching(() => rm(this.fileOf(content), { force: true }));
  }

  private async openToWrite(content: ContentRef): Promise<FileHandle> {
    const path = this.fileOf(content);
    const file = await open(path, 'r+').catch(unlessMissing);
    if (file !== undefined) return file;
    await mkdir(join(this.folder, content.tenantId), { recursive: true, mode: 0o700 });
    return open(path, 'wx+', 0o600);
  }

  private async reaching<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new ContentUnavailable('files', error);
    }
  }
}

const unlessMissing = (error: unknown): undefined => {
  if (isMissing(error)) return undefined;
  throw error;
};
