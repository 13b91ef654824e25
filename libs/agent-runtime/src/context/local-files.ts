// Copies of data on this machine, one per content however many attempts read it, in a folder of this process.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill, pid } from 'node:process';

import type { OnApplicationShutdown } from '@nestjs/common';

const prefix = 'pulser-data-';

interface Entry {
  readonly path: string;
  readonly ready: Promise<void>;
  users: number;
}

/** Writes a file that is not there yet. */
export type Fill = (path: string) => Promise<void>;

/** Files by the hash of their content. A file is there as long as anybody uses it. */
export class LocalFiles {
  private readonly entries = new Map<string, Entry>();
  private folder: Promise<string> | undefined;

  /** @param root folder of temporary files */
  constructor(private readonly root = tmpdir()) {}

  /**
   * The file of a content, filled by the first who asks for it. Each call needs a `release`, unless it throws.
   * @param key hash of the content
   */
  async acquire(key: string, fill: Fill): Promise<string> {
    const folder = await (this.folder ??= this.open());
    const entry = this.entries.get(key) ?? this.add(key, join(folder, randomUUID()), fill);
    entry.users += 1;
    try {
      await entry.ready;
      return entry.path;
    } catch (error) {
      await this.leave(key, entry);
      throw error;
    }
  }

  async release(key: string): Promise<void> {
    const entry = this.entries.get(key);
    if (entry !== undefined) await this.leave(key, entry);
  }

  /** Removes them all. */
  async close(): Promise<void> {
    this.entries.clear();
    if (this.folder !== undefined) await rm(await this.folder, { recursive: true, force: true });
  }

  private add(key: string, path: string, fill: Fill): Entry {
    const entry = { path, users: 0, ready: fill(path).then(() => chmod(path, 0o400)) };
    this.entries.set(key, entry);
    // Who asks from now on is to try again.
    entry.ready.catch(() => {
      this.forget(key, entry);
    });
    return entry;
  }

  private async leave(key: string, entry: Entry): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    this.forget(key, entry);
    await rm(entry.path, { force: true });
  }

  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
  }

  private async open(): Promise<string> {
    await this.removeLeftovers().catch(() => undefined);
    const folder = join(this.root, `${prefix}${pid}-${randomUUID()}`);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }

  /** What processes left behind that were killed. */
  private async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const owner = Number.parseInt(name.slice(prefix.length), 10);
      if (name.startsWith(prefix) && !isAlive(owner)) await rm(join(this.root, name), { recursive: true, force: true });
    }
  }
}

const isAlive = (process: number): boolean => {
  try {
    return kill(process, 0);
  } catch (error) {
    // EPERM: another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};

/** Those of a process with one agent. */
export class OwnLocalFiles extends LocalFiles implements OnApplicationShutdown {
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
