import type { ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';

import { answers, end, isAlive, launch, untilAnswers } from '@pulser/harness';

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

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @param variables for this life of the process only */
  start(variables: Variables = {}): void {
    if (isAlive(this.child)) throw new Error(`${this.name} runs already`);
    this.wanted = true;
    this.hasStarted = false;
    const child = (this.child = launch({
      main: serviceKinds[this.kind].main,
      preloads: preloads(variables),
      log: this.log,
      variables: { ...this.settings.variables, ...variables },
    }));
    child.once('exit', (code, signal) => {
      this.ended(child, variables, { code, signal });
    });
    void this.ready(startPatienceMs);
  }

  /** Resolves when it answers over HTTP, or after `patienceMs`: what it needs may be down. @returns whether it answers */
  async ready(patienceMs = 20_000): Promise<boolean> {
    const isReady = await untilAnswers(this.url, patienceMs);
    if (isReady) this.hasStarted = true;
    return isReady;
  }

  answers(): Promise<boolean> {
    return answers(this.url);
  }

  /** Ends it by a signal and resolves when it is gone. @returns its exit code */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.wanted = false;
    return isAlive(this.child) ? end(this.child, signal) : null;
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
  'CHAOS_CRASH_AT' in variables ? ['./apps/chaos/dist/crash/preload.js'] : [];
