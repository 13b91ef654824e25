import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { workspaceRoot } from '../servers/run-script.js';
import { type ServiceKind, serviceKinds } from './service-kind.js';

type Variables = Readonly<Record<string, string>>;

export interface ServiceSettings {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly port: number;
  readonly logFile: string;
  readonly variables: Variables;
}

/** How a process ended that nobody had asked to. */
export interface UnaskedEnd {
  readonly service: ServiceProcess;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it had come so far as to answer. */
  readonly hadStarted: boolean;
}

const restartDelayMs = 300;
const startPatienceMs = 60_000;

/** One of Pulser's programs in a process of its own, started again by itself when it ends without being asked to. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private asked: ChildProcess | undefined;
  private wanted = false;
  private hasStarted = false;
  private readonly log: number;
  onUnaskedEnd: (end: UnaskedEnd) => void = () => undefined;

  constructor(private readonly settings: ServiceSettings) {
    this.log = openSync(settings.logFile, 'a');
  }

  get name(): string {
    return this.settings.name;
  }

  get kind(): ServiceKind {
    return this.settings.kind;
  }

  get logFile(): string {
    return this.settings.logFile;
  }

  get url(): string {
    return `http://127.0.0.1:${this.settings.port}`;
  }

  private get isAlive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @param variables for this life of the process only */
  start(variables: Variables = {}): void {
    if (this.isAlive) throw new Error(`${this.name} runs already`);
    this.wanted = true;
    this.hasStarted = false;
    const child = (this.child = spawn(process.execPath, [...preloads(variables), serviceKinds[this.kind].main], {
      cwd: workspaceRoot,
      stdio: ['ignore', this.log, this.log],
      env: { PATH: process.env['PATH'], ...this.settings.variables, ...variables },
    }));
    child.once('exit', (code, signal) => {
      this.ended(child, variables, { code, signal });
    });
    void this.ready(startPatienceMs);
  }

  /** Resolves when it answers over HTTP, or after `patienceMs`: what it needs may be down. @returns whether it answers */
  async ready(patienceMs = 20_000): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      if (await this.answers()) return (this.hasStarted = true);
      await wait(50);
    }
    return false;
  }

  async answers(): Promise<boolean> {
    const answer = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok ?? false;
  }

  /** Ends it by a signal and resolves when it is gone. @returns its exit code */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.wanted = false;
    const { child } = this;
    if (child === undefined || !this.isAlive) return null;
    const exit = once(child, 'exit');
    child.kill(signal);
    // A process that is stopped gets no SIGTERM before it goes on.
    child.kill('SIGCONT');
    await exit;
    return child.exitCode;
  }

  /** Asks it to end, without waiting: as a supervisor would not, it is started again by itself. */
  ask(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.asked = this.child;
    this.child?.kill(signal);
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private ended(child: ChildProcess, variables: Variables, how: Pick<UnaskedEnd, 'code' | 'signal'>): void {
    if (child !== this.child || !this.wanted) return;
    // Asked in the middle of other faults it may not be done in time, and says so by its exit code.
    if (child !== this.asked) this.onUnaskedEnd({ service: this, hadStarted: this.hasStarted, ...how });
    // It died of what was in its variables, or it could not even start.
    const next = how.signal === 'SIGKILL' ? {} : variables;
    setTimeout(() => {
      if (child === this.child && this.wanted) this.start(next);
    }, restartDelayMs);
  }
}

const preloads = (variables: Variables): string[] =>
  'CHAOS_CRASH_AT' in variables ? ['--import', './apps/chaos/dist/crash/preload.js'] : [];
