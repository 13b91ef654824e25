import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { workspaceRoot } from '../servers/run-script.js';

/** Where a run keeps its logs, the load's account and the report. */
export class RunFolder {
  readonly path: string;

  constructor(name: string) {
    this.path = join(workspaceRoot, '.pulser/chaos', name);
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
