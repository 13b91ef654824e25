import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pid } from 'node:process';
import { DatabaseSync } from 'node:sqlite';

import { messageOf } from '@pulser/service-kit';

/** The folder for data cannot be written to, or another process has it. */
export class DataFolderUnusable extends Error {
  constructor(
    message: string,
    readonly startHint: string,
  ) {
    super(message);
    this.name = 'DataFolderUnusable';
  }
}

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

  /** Path of a file or folder in it. */
  place(name: string): string {
    return join(this.path, name);
  }

  close(): void {
    this.lock.release();
  }
}

/**
 * A file lock of the operating system, which is released however the process ends: no stale lock is left behind.
 * Of all that comes with Node only SQLite takes one; there is nothing in its database.
 */
class FolderLock {
  private constructor(private readonly file: DatabaseSync) {}

  /** @throws DataFolderUnusable when another process has it */
  static take(folder: string): FolderLock {
    try {
      const file = new DatabaseSync(join(folder, 'lock'));
      file.exec('pragma journal_mode = memory; begin exclusive');
      writeFileSync(pidFile(folder), String(pid));
      return new FolderLock(file);
    } catch (error) {
      throw refusal(folder, error);
    }
  }

  release(): void {
    this.file.close();
  }
}

const pidFile = (folder: string): string => join(folder, 'pid');

const refusal = (folder: string, error: unknown): DataFolderUnusable =>
  isBusy(error)
    ? new DataFolderUnusable(
        `another Pulser${holder(folder)} runs on the data in ${folder}`,
        'stop it first, or set PULSER_DATA_DIR to another folder',
      )
    : new DataFolderUnusable(
        `the data folder ${folder} cannot be locked (${messageOf(error)})`,
        'set PULSER_DATA_DIR to a folder on a local disk',
      );

// https://www.sqlite.org/rescode.html#busy
const busy = 5;

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy;

const holder = (folder: string): string => {
  try {
    return ` (process ${readFileSync(pidFile(folder), 'utf8')})`;
  } catch {
    // It may have taken the lock this very moment.
    return '';
  }
};
