import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Debian, installDebian } from './installed.js';
import type { PeerRun } from './peer-run.js';

/** The Debian root filesystem of the peers: its programs run as processes of this machine, on its ports. */
export class DebianRoot {
  private debian: Debian | undefined;

  /** @throws Unavailable when this machine cannot have one */
  async install(): Promise<void> {
    this.debian ??= await installDebian();
  }

  /** Where a file of `apps/bench/peers` is, as the programs see it. */
  program(path: string): string {
    return join(this.installed.inside, 'programs', path);
  }

  async start(
    run: PeerRun,
    name: string,
    command: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { argv, env, folder } = this.installed;
    await run.start(name, { argv: [...argv, ...command], folder, variables: { ...env, ...variables } });
  }

  /** An empty folder for data, until the end of the run. @returns its path as the programs see it */
  async dataFolder(run: PeerRun): Promise<string> {
    const { folder, inside, uid, gid } = this.installed;
    const name = `data-${randomBytes(4).toString('hex')}`;
    await mkdir(join(folder, name));
    await chown(join(folder, name), uid, gid);
    run.atEnd(() => rm(join(folder, name), { recursive: true, force: true }));
    return join(inside, name);
  }

  private get installed(): Debian {
    if (this.debian === undefined) throw new Error('the root filesystem of the peers is not installed');
    return this.debian;
  }
}
