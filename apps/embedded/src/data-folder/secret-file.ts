import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const ownerOnly = 0o600;

/** A file with one secret, which only its owner may read. */
export class SecretFile {
  constructor(private readonly path: string) {}

  /** @returns undefined when there is no such file */
  read(): string | undefined {
    if (!existsSync(this.path)) return undefined;
    chmodSync(this.path, ownerOnly);
    return readFileSync(this.path, 'utf8').trim();
  }

  /** Whole or not at all. */
  write(secret: string): void {
    const unfinished = `${this.path}.unfinished`;
    writeFileSync(unfinished, `${secret}\n`, { mode: ownerOnly });
    renameSync(unfinished, this.path);
  }
}
