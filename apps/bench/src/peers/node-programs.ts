import { freePort } from '@pulser/harness';

import { installPackages, type Packages } from './installed.js';
import type { PeerRun } from './peer-run.js';

/** The programs of a peer on Node: `front.mjs`, which listens, and `worker.mjs`, each a process of its own. */
export class NodePrograms {
  private packages: Packages | undefined;

  /** @param folder of the programs, below `apps/bench/peers` */
  constructor(private readonly folder: string) {}

  async install(): Promise<void> {
    this.packages ??= await installPackages();
  }

  /** @returns the port of the front */
  async start(run: PeerRun, variables: Readonly<Record<string, string>>): Promise<number> {
    const port = await freePort();
    await this.program(run, 'front', { ...variables, PORT: String(port) });
    await this.program(run, 'worker', variables);
    return port;
  }

  private async program(run: PeerRun, name: string, variables: Readonly<Record<string, string>>): Promise<void> {
    if (this.packages === undefined) throw new Error(`${run.peerName} is not installed`);
    await run.start(name, {
      argv: [process.execPath, `${this.folder}/${name}.mjs`],
      folder: this.packages.folder,
      variables: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...variables },
    });
  }
}
