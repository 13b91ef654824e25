// Repositories made by git itself, for tests that read what git writes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PlantedCommit } from './fixtures/history.js';

export class GitRepository {
  private readonly folder = mkdtempSync(join(tmpdir(), 'history-'));
  private seconds = 1_767_225_600;

  constructor() {
    this.git('init', '-q', '-b', 'main');
  }

  git(...args: readonly string[]): string {
    const date = `${this.seconds} +0000`;
    const person = { NAME: 'Ada', EMAIL: 'ada@example.com', DATE: date };
    const env = Object.fromEntries(
      Object.entries(person).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    );
    return execFileSync('git', args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: this.folder, GIT_CONFIG_NOSYSTEM: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  commit({ message, tag, merge, reverts }: PlantedCommit): void {
    this.seconds += 3_600;
    if (merge !== undefined) this.git('checkout', '-q', '-b', 'side', 'HEAD~1');
    if (reverts !== undefined) this.git('commit', '-q', '--allow-empty', '-m', this.revertMessage(reverts));
    else this.git('commit', '-q', '--allow-empty', '-m', message);
    if (merge !== undefined) {
      this.git('checkout', '-q', 'main');
      this.seconds += 3_600;
      this.git('merge', '-q', '--no-ff', '-m', merge, 'side');
      this.git('branch', '-q', '-D', 'side');
    }
    if (tag !== undefined) this.git('tag', '-a', tag, '-m', tag);
  }

  bundle(...which: readonly string[]): Buffer {
    this.git('bundle', 'create', '-q', 'history.bundle', ...which);
    return readFileSync(join(this.folder, 'history.bundle'));
  }

  /** Commits that the pack of the repository keeps as differences. */
  deltas(): number {
    const packs = readdirSync(join(this.folder, '.git/objects/pack')).filter((name) => name.endsWith('.idx'));
    const lines = packs.flatMap((name) => this.git('verify-pack', '-v', `.git/objects/pack/${name}`).split('\n'));
    return lines.filter((line) => / commit /.test(line) && line.trim().split(/\s+/).length === 7).length;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private revertMessage(subject: string): string {
    const hash = this.git('log', '--format=%H', '--fixed-strings', `--grep=${subject}`).trim().split('\n').at(-1) ?? '';
    return `Revert "${subject}"\n\nThis reverts commit ${hash}.`;
  }
}
