import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { messageOf } from '@pulser/service-kit';

import { DataFolderUnusable } from './data-folder-unusable.js';
import { FolderLock } from './folder-lock.js';

const ownerOnly = 0o700;

/** Everything this installation keeps. Belongs to one process at a time. */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly lock: FolderLock,
  ) {}

  /** Makes the folder when there is none. @throws DataFolderUnusable */
  static open(folder: string): DataFolder {
    const path = resolve(folder);
    try {
      mkdirSync(path, { recursive: true, mode: ownerOnly });
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new DataFolderUnusable(
        `the data folder ${path} cannot be written to (${messageOf(error)})`,
        'make it writable for this user, or set PULSER_DATA_DIR to a folder that is',
      );
    }
    return new DataFolder(path, FolderLock.take(path));
  }

  /** Path of something in the folder. */
  place(name: string): string {
    return join(this.path, name);
  }

  close(): void {
    this.lock.release();
  }
}
