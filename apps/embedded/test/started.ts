import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually } from '@pulser/testing';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startScript = join(root, 'deploy/local/start.mjs');

/** The first start of a checkout compiles everything. */
const readyMs = 340_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Variables = Readonly<Record<string, string>>;

/** What `npm start` runs, as a process group of its own like that of a terminal, on a port of its own. */
export class Started {
  private output = { stdout: '', stderr: '' };
  private readonly launcher: ChildProcess;
  private readonly end: Promise<Ended>;
  /** Its launcher and all that wrote to its output are gone. */
  hasEnded = false;

  constructor(
    readonly dataFolder: string,
    variables: Variables = {},
  ) {
    const env = { ...quietEnvironment(), PORT: '0', PULSER_DATA_DIR: dataFolder, ...variables };
    this.launcher = spawn(process.execPath, [startScript], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.launcher.stdout?.on('data', (text) => (this.output.stdout += String(text)));
    this.launcher.stderr?.on('data', (text) => (this.output.stderr += String(text)));
    this.end = once(this.launcher, 'close').then(([code]) => {
      this.hasEnded = true;
      return { code: code as number | null, ...this.output };
    });
  }

  /** Resolves when Pulser says that it is ready. */
  static async ready(dataFolder: string, variables?: Variables): Promise<Started> {
    const started = new Started(dataFolder, variables);
    await Promise.race([
      eventually(
        () => {
          expect(started.text).toContain('Pulser is ready');
        },
        { timeoutMs: readyMs, everyMs: 50 },
      ),
      started.ended().then(({ stderr }) => Promise.reject(new Error(stderr))),
    ]);
    return started;
  }

  /** What it printed for people, so far. */
  get text(): string {
    return this.output.stdout;
  }

  /** What it printed beside that: progress and complaints. */
  get errorText(): string {
    return this.output.stderr;
  }

  get url(): string {
    return /API +(\S+)/.exec(this.text)?.[1] ?? '';
  }

  get key(): string {
    return readFileSync(join(this.dataFolder, 'api-key'), 'utf8').trim();
  }

  /** The process that does everything; the launcher only passes on signals. */
  get serverPid(): number {
    return Number(readFileSync(join(this.dataFolder, 'pid'), 'utf8'));
  }

  get launcherPid(): number {
    if (this.launcher.pid === undefined) throw new Error('It was not started');
    return this.launcher.pid;
  }

  ended(): Promise<Ended> {
    return this.end;
  }

  /** As Ctrl-C does it at a terminal. */
  async interrupt(signal: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
    process.kill(-this.launcherPid, signal);
    return this.ended();
  }

  /** As a crash does it. */
  async kill(): Promise<void> {
    process.kill(this.serverPid, 'SIGKILL');
    await this.ended();
  }

  /** As the page does it that a link opens. */
  logIn(link: string): Promise<Response> {
    return fetch(`${this.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ code: link.split('#code=')[1] }),
    });
  }

  async call<T = Record<string, unknown>>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }
}

// What the test run itself needs must not decide what is tested.
const quietEnvironment = (): Variables => {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }) };
};
