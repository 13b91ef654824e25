// The stores of an installation: the one that new contents go to, and those where older ones are.
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Database } from '@pulser/database';
import { Breakers } from '@pulser/service-kit';

import type { ContentSettings } from './content.env.js';
import { DatabasePieces } from './database-pieces.js';
import { FilePieces } from './file-pieces.js';
import { ContentUnavailable, type PieceStore, type StoreKind } from './pieces.js';
import type { S3Pieces } from './s3-pieces.js';

const required = <T>(value: T | undefined, name: string, by: string): T => {
  if (value === undefined) throw new MissingContentSetting(`${name} is not set: it is required with ${by}`);
  return value;
};

/** A setting that another one asks for. */
export class MissingContentSetting extends Error {
  readonly startHint = 'set it, or leave CONTENT_STORE at database';
}

// Loaded only where it is used: its HTTP client takes some megabytes.
const openS3 = async (settings: ContentSettings, breakers: Breakers): Promise<S3Pieces | undefined> => {
  if (settings.S3_ENDPOINT === undefined) return undefined;
  const loaded = await import('./s3-pieces.js');
  const access = {
    endpoint: settings.S3_ENDPOINT,
    region: settings.S3_REGION,
    accessKeyId: required(settings.S3_ACCESS_KEY_ID, 'S3_ACCESS_KEY_ID', 'S3_ENDPOINT'),
    secretAccessKey: required(settings.S3_SECRET_ACCESS_KEY, 'S3_SECRET_ACCESS_KEY', 'S3_ENDPOINT'),
  };
  return new loaded.S3Pieces(access, breakers);
};

/** Every store that is configured. The database always is one. */
export class PieceStores implements OnApplicationShutdown {
  private readonly byKind: ReadonlyMap<StoreKind, PieceStore>;

  private constructor(
    /** Where new contents go. */
    readonly current: PieceStore,
    stores: readonly PieceStore[],
    private readonly s3?: S3Pieces,
  ) {
    this.byKind = new Map(stores.map((store) => [store.kind, store]));
  }

  /** @throws MissingContentSetting */
  static async open(database: Database, settings: ContentSettings, breakers = new Breakers()): Promise<PieceStores> {
    const { CONTENT_STORE: kind, CONTENT_DIR: folder } = settings;
    const s3 = await openS3(settings, breakers);
    const stores = [
      new DatabasePieces(database),
      ...(folder === undefined ? [] : [new FilePieces(folder)]),
      ...(s3 === undefined ? [] : [s3]),
    ];
    const missing = kind === 'files' ? 'CONTENT_DIR' : 'S3_ENDPOINT';
    const current = required(
      stores.find((store) => store.kind === kind),
      missing,
      `CONTENT_STORE ${kind}`,
    );
    return new PieceStores(current, stores, s3);
  }

  /** @throws ContentUnavailable when it is not configured here */
  of(kind: StoreKind): PieceStore {
    const store = this.byKind.get(kind);
    if (store === undefined) throw new ContentUnavailable(kind, new Error('It is not configured'));
    return store;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.s3?.close();
  }
}
