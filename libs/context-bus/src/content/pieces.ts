// Where the bytes of large files are. The index of all contents is in the database (`contents.ts`); a store knows pieces
// only: all of one size but the last, numbered from 0.
import type { Outage } from '@pulser/contracts';

export const storeKinds = ['database', 'files', 's3'] as const;
export type StoreKind = (typeof storeKinds)[number];

/** One content of one tenant. */
export interface ContentRef {
  readonly tenantId: string;
  readonly contentId: string;
}

/** The pieces of contents. Every method throws ContentUnavailable or DatabaseUnavailable while the store cannot be reached. */
export interface PieceStore {
  readonly kind: StoreKind;
  /** Bytes of each piece but the last, for contents that are begun now. */
  readonly pieceBytes: number;
  /** Keeps the nth piece; one that is there is replaced. @param at where it begins in the whole, in bytes */
  put(content: ContentRef, n: number, piece: Buffer, at: number): Promise<void>;
  /** Makes what was put durable, where it was not before. @param bytes of the whole */
  seal(content: ContentRef, bytes: number): Promise<void>;
  /** The nth piece. @param length its bytes @throws ContentDamaged when it is not there */
  get(content: ContentRef, n: number, at: number, length: number): Promise<Buffer>;
  /** Removes every piece. @param bytes of the whole, as far as is known; one more piece may be there */
  remove(content: ContentRef, bytes: number, pieceBytes: number): Promise<void>;
  /** Path of a complete content where it is one file of this machine. */
  fileOf?(content: ContentRef): string;
}

/** The store of large files cannot be reached: the same call may succeed later. */
export class ContentUnavailable extends Error implements Outage {
  readonly transient = true;
  readonly code = 'content_unavailable';

  constructor(store: StoreKind, cause: unknown) {
    super(`The store of large files (${store}) cannot be reached`, { cause });
    this.name = 'ContentUnavailable';
  }
}

/** Pieces are missing, or the whole has another hash than it was kept with. */
export class ContentDamaged extends Error {
  constructor({ contentId }: ContentRef, what: string) {
    super(`The content ${contentId} is damaged: ${what}`);
    this.name = 'ContentDamaged';
  }
}
