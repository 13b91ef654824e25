import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { DatabaseSync } from 'node:sqlite';

import { messageOf } from '@pulser/service-kit';

import { DataFolderUnusable } from './data-folder-unusable.js';

// https://www.sqlite.org/rescode.html#busy
const busy = 5;

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy;

const pidFile = (folder: string): string => join(folder, 'pid');

const holder = (folder: string): string => {
  try {
    return ` (process ${readFileSync(pidFile(folder), 'utf8')})`;
  } catch {
    // It may have taken the lock this very moment.
    return '';
  }
};

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

/**
 * A file lock of the operating system, which lets go of it however the process ends: nothing stale stays behind.
 * Of all that comes with Node only SQLite takes one; there is nothing in its database.
 */
export class FolderLock {
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
