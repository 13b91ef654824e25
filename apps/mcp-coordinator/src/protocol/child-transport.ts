// A server of tools as a child process that speaks the protocol over its stdin and stdout.
// The SDK's own transport reports an exit only when every holder of the pipes is gone, gives the child no process group, and
// takes up to 4 s to close.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { settlesWithin } from '@pulser/concurrency';

import type { ChildGuard } from './child-guard.js';

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  /** All of it: nothing of this process's environment is added. */
  readonly env: Readonly<Record<string, string>>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** What a server gets to end by itself after its stdin has ended, before its process group is killed. Milliseconds. */
const endLimitMs = 1_000;
const maxMessageBytes = 10 * 1_024 * 1_024;

/** Resolves once the process runs. @throws Error when the command cannot be started */
const started = async (child: Child): Promise<void> => {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  child.once('error', reject);
  await Promise.race([once(child, 'spawn'), failed]);
};

/** Ends with this process, even when that is killed: see ChildGuard. */
export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  private readonly buffer = new ReadBuffer({ maxBufferSize: maxMessageBytes });
  private child: Child | undefined;
  private isOver = false;

  constructor(
    private readonly command: ChildCommand,
    private readonly guard: ChildGuard,
    private readonly onLogLine: (line: string) => void,
  ) {}

  // The client recognises a transport over pipes by these two, and so knows that silence means an older server.
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get stderr(): Readable | undefined {
    return this.child?.stderr;
  }

  async start(): Promise<void> {
    const { command, args, cwd, env } = this.command;
    // A group of its own: what the server starts, for instance the program behind `npx`, is ended with it.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    if (child.pid !== undefined) this.guard.add(child.pid);
    this.listen(child);
    await started(child);
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { child } = this;
    if (child === undefined || this.isOver) return Promise.reject(new Error('The server has ended'));
    if (child.stdin.write(serializeMessage(message))) return Promise.resolve();
    return Promise.race([once(child.stdin, 'drain'), once(child, 'exit')]).then(() => undefined);
  }

  /** Ends the server in good order, and what is left of its process group after a second. */
  async close(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    const isRunning = child.exitCode === null && child.signalCode === null && child.pid !== undefined;
    if (isRunning) {
      const exited = once(child, 'exit');
      child.stdin.end();
      if (!(await settlesWithin(endLimitMs, exited, { ref: false }))) this.killGroup('SIGTERM');
      if (!(await settlesWithin(endLimitMs, exited, { ref: false }))) this.killGroup('SIGKILL');
    }
    this.over();
  }

  /** Ends a server that does not answer, at once. */
  kill(): void {
    this.killGroup('SIGKILL');
    this.over();
  }

  private listen(child: Child): void {
    child.on('error', (error) => this.onerror?.(error));
    child.on('exit', () => {
      this.over();
    });
    // Of a child that ended meanwhile; its exit says so.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      this.read(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim() !== '') this.onLogLine(line);
    });
  }

  private read(chunk: Buffer): void {
    if (this.isOver) return;
    try {
      this.buffer.append(chunk);
    } catch (error) {
      // Too large: what follows cannot be told apart any more.
      this.onerror?.(error as Error);
      this.kill();
      return;
    }
    for (let message = this.next(); message !== null; message = this.next())
      if (message !== undefined) this.onmessage?.(message);
  }

  /** @returns null when no whole message is left; undefined for one that is none */
  private next(): JSONRPCMessage | null | undefined {
    try {
      return this.buffer.readMessage();
    } catch (error) {
      this.onerror?.(error as Error);
      return undefined;
    }
  }

  /** The process is gone. What it had started is not needed any more either. */
  private over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.killGroup('SIGKILL');
    const pid = this.child?.pid;
    if (pid !== undefined) this.guard.remove(pid);
    for (const pipe of [this.child?.stdin, this.child?.stdout, this.child?.stderr]) pipe?.destroy();
    this.onclose?.();
  }

  private killGroup(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }
}
