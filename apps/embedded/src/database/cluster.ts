import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { damaged, foreign, otherVersion } from './database-unusable.js';
import { type OnPanic, openPostgres } from './open-postgres.js';
import type { SharedPostgres } from './shared-postgres.js';

/** Of PGlite. */
const postgresVersion = '18';

// PGlite leaves its files readable for everybody.
const ownerOnly = 0o700;

const versionFile = (folder: string): string => join(folder, 'PG_VERSION');

/** The database's files in a data folder, whose lock this process must hold. */
export class Cluster {
  readonly folder: string;

  constructor(private readonly dataFolder: string) {
    this.folder = join(dataFolder, 'postgres');
  }

  /** @throws DatabaseUnusable */
  async open(onPanic: OnPanic): Promise<SharedPostgres> {
    if (existsSync(versionFile(this.dataFolder))) throw foreign(this.dataFolder);
    if (!this.exists) await this.create(onPanic);
    this.checkVersion();
    return openPostgres(this.folder, onPanic);
  }

  get exists(): boolean {
    return existsSync(this.folder);
  }

  /** Made beside its place and moved there when complete: a process that is killed meanwhile leaves no half of one. */
  private async create(onPanic: OnPanic): Promise<void> {
    const unfinished = `${this.folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: ownerOnly });
    const postgres = await openPostgres(unfinished, onPanic);
    await postgres.close();
    renameSync(unfinished, this.folder);
  }

  // Without the file PGlite would take the folder for an empty one, and overwrite what is there.
  private checkVersion(): void {
    if (!existsSync(versionFile(this.folder))) throw damaged(this.folder, 'the file PG_VERSION is missing');
    const found = readFileSync(versionFile(this.folder), 'utf8').trim();
    if (found !== postgresVersion) throw otherVersion(this.folder, found, postgresVersion);
  }
}
