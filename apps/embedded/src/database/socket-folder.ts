import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ownerOnly = 0o700;

const remove = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};

/**
 * The folder of the database's socket, which asks nobody for a password: only its owner may enter. It lies in the
 * temporary folder, because the path of a socket may have 104 characters at most, and some file systems have no sockets.
 */
export class SocketFolder {
  private constructor(readonly path: string) {}

  /** @param dataFolder whose lock this process holds: what an earlier process left behind is removed */
  static create(dataFolder: string): SocketFolder {
    const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
    const path = join(tmpdir(), `pulser-${name}`);
    remove(path);
    // Not recursive: fails when somebody else made it first.
    mkdirSync(path, { mode: ownerOnly });
    return new SocketFolder(path);
  }

  remove(): void {
    remove(this.path);
  }
}
