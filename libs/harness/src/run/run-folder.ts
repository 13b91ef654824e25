import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { workspaceRoot } from '../servers/run-script.js';

/** Where a run keeps its logs and what it found. */
export class RunFolder {
  readonly path: string;

  /** @param harness the program that runs, for instance `chaos` */
  constructor(harness: string, name: string) {
    this.path = join(workspaceRoot, '.pulser', harness, name);
    mkdirSync(this.path, { recursive: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text);
  }

  append(name: string, line: string): void {
    appendFileSync(this.file(name), `${line}\n`);
  }
}
