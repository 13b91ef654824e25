import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface End {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

const folder = new URL('.', import.meta.url);

/** A real process whose `main.ts` calls `runService`. */
export class SpawnedService {
  readonly ended: Promise<End>;
  private output = '';
  private errors = '';
  private readonly child: ChildProcess;
  private readonly listening = Promise.withResolvers<string>();

  constructor(env: Record<string, string>) {
    this.child = fork(new URL('main.ts', folder), {
      execArgv: ['--conditions=source', '--import', new URL('typescript.mjs', folder).href],
      env: { ...process.env, NODE_OPTIONS: '', HOST: '127.0.0.1', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    if (this.child.stdout) createInterface(this.child.stdout).on('line', this.read);
    this.ended = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      output: this.output,
      errors: this.errors,
    }));
  }

  /** Its URL, once it listens. */
  async url(): Promise<string> {
    const died = this.ended.then(({ errors }) => Promise.reject(new Error(`it ended: ${errors}`)));
    return Promise.race([this.listening.promise, died]);
  }

  wish(what: 'open' | 'reject' | 'throw'): void {
    this.child.send(what);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private readonly read = (line: string): void => {
    this.output += `${line}\n`;
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg === 'listening' && url !== undefined) this.listening.resolve(url);
  };
}
