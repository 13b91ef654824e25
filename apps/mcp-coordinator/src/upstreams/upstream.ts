// One server of tools: it is started, watched, started again, and called.
import { settlesWithin } from '@pulser/concurrency';
import { messageOf, oneLine, redact } from '@pulser/service-kit';

import { type ServerSettings, withoutSecrets } from '../configuration/server-settings.js';
import { type CallOptions, type Era, type ToolList, UpstreamConnection } from '../protocol/upstream-connection.js';
import type { Launched, Launcher } from './launcher.js';
import { initially, type Lifecycle, type LifecycleEvent, type ServerStateName, stepOf } from './lifecycle.policy.js';
import type { StartSlots } from './start-slots.js';
import type { ToolAnswer } from './tool-answer.js';
import { UpstreamUnavailable } from './upstream-errors.js';

/** A server as it is shown to operators. */
export interface ServerState {
  readonly server: string;
  readonly isOwn: boolean;
  readonly mode: ServerSettings['launch']['kind'];
  readonly state: ServerStateName;
  /** Since when it is in this state. */
  readonly since: Date;
  /** Starts since the coordinator's own. */
  readonly starts: number;
  readonly inFlight: number;
  /** Why it last failed, or why it is disabled. */
  readonly lastError: string | undefined;
  readonly lastErrorAt: Date | undefined;
  /** Of the protocol; undefined while it does not run. */
  readonly revision: string | undefined;
  /** Name and version, as it says. */
  readonly software: string | undefined;
  /** Tools that it lists. */
  readonly tools: number;
}

/** A state that a server came into. */
export interface StateChange {
  readonly at: Date;
  readonly state: ServerStateName;
  /** Why, where something went wrong. */
  readonly error: string | undefined;
}

export interface UpstreamTimes {
  readonly pingEveryMs: number;
  readonly pingLimitMs: number;
  readonly startLimitMs: number;
  readonly drainLimitMs: number;
}

export const usualTimes: UpstreamTimes = {
  pingEveryMs: 15_000,
  pingLimitMs: 5_000,
  startLimitMs: 30_000,
  drainLimitMs: 10_000,
};

export interface UpstreamOptions {
  readonly launcher: Launcher;
  readonly slots: StartSlots;
  readonly times: UpstreamTimes;
  /** Its state has changed. */
  readonly onState: (upstream: Upstream) => void;
  /** It has listed its tools. */
  readonly onTools: (upstream: Upstream, list: ToolList) => void;
  readonly onOddity: (server: string, error: Error) => void;
}

const maxErrorCharacters = 500;
const maxChanges = 50;

export class Upstream {
  private lifecycle: Lifecycle = initially;
  private attempt = new AbortController();
  private launched: Launched | undefined;
  private connection: UpstreamConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly inFlight = new Set<Promise<unknown>>();
  private isLeaving = false;
  private since = new Date();
  private starts = 0;
  private error: { readonly text: string; readonly at: Date } | undefined;
  private readonly passed: StateChange[] = [];

  private list: ToolList = { tools: [], meta: undefined };
  /** What it last spoke, so that it is not asked at each start. */
  private era: Era | undefined;

  constructor(
    private current: ServerSettings,
    private readonly options: UpstreamOptions,
  ) {
    this.era = current.era;
  }

  get settings(): ServerSettings {
    return this.current;
  }

  get server(): string {
    return this.settings.name;
  }

  get serves(): boolean {
    return this.connection !== undefined && !this.isLeaving;
  }

  get state(): ServerState {
    const { connection, settings } = this;
    return {
      server: settings.name,
      isOwn: settings.isOwn,
      mode: settings.launch.kind,
      state: this.lifecycle.state,
      since: this.since,
      starts: this.starts,
      inFlight: this.inFlight.size,
      lastError: settings.disabled ?? this.error?.text,
      lastErrorAt: this.error?.at,
      revision: connection?.revision,
      software: connection?.software,
      tools: this.list.tools.length,
    };
  }

  /** States that it came into, the newest first, as many as are kept. */
  get changes(): readonly StateChange[] {
    return this.passed.toReversed();
  }

  /** Starts it, unless it is disabled. */
  begin(): void {
    this.step({ kind: this.settings.disabled === undefined ? 'enabled' : 'disabled' });
  }

  /** Takes rules that do not concern the process itself. */
  reconfigure(settings: ServerSettings): void {
    this.current = settings;
    if (this.connection !== undefined) this.listed(this.list);
  }

  /** @throws UpstreamUnavailable, UpstreamLost, UpstreamRefused, or the reason of the signal */
  async call(tool: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<ToolAnswer> {
    const { connection } = this;
    if (connection === undefined || this.isLeaving) throw new UpstreamUnavailable(this.server, this.whyNot);
    const call = connection.callTool(tool, args, options);
    this.inFlight.add(call);
    try {
      return await call;
    } finally {
      this.inFlight.delete(call);
    }
  }

  /** Refuses new calls, waits for those in hand, and ends the server. */
  async close(): Promise<void> {
    this.isLeaving = true;
    await settlesWithin(this.options.times.drainLimitMs, Promise.allSettled(this.inFlight));
    const { connection } = this;
    this.connection = undefined;
    await connection?.close().catch(() => undefined);
    this.step({ kind: 'disabled' });
  }

  private get whyNot(): string {
    if (this.isLeaving) return 'it is being replaced';
    return this.settings.disabled ?? this.error?.text ?? `it is ${this.lifecycle.state}`;
  }

  private step(event: LifecycleEvent): void {
    const before = this.lifecycle.state;
    const now = performance.now();
    const { next, action } = stepOf(this.lifecycle, event, now, Math.random());
    this.lifecycle = next;
    if (action === 'drop') this.drop();
    if (action === 'connect') void this.connect();
    if (next.state === 'backing-off' && action === 'drop') this.later((next.until ?? now) - now, 'back-off-over');
    if (before === next.state) return;
    this.since = new Date();
    this.remember(next.state);
    this.options.onState(this);
  }

  private remember(state: ServerStateName): void {
    const isBad = state === 'backing-off' || state === 'degraded' || state === 'disabled';
    this.passed.push({ at: this.since, state, error: isBad ? this.state.lastError : undefined });
    if (this.passed.length > maxChanges) this.passed.shift();
  }

  private later(ms: number, kind: 'back-off-over'): void {
    this.timer = setTimeout(() => {
      this.step({ kind });
    }, ms);
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.attempt.abort();
    this.connection = undefined;
    this.launched?.kill();
    this.launched = undefined;
  }

  private async connect(): Promise<void> {
    const attempt = new AbortController();
    this.attempt = attempt;
    try {
      await this.options.slots.run(() => this.start(attempt.signal));
    } catch (error) {
      if (!attempt.signal.aborted) this.fail(error);
    }
  }

  private async start(ended: AbortSignal): Promise<void> {
    ended.throwIfAborted();
    this.starts += 1;
    const signal = AbortSignal.any([ended, AbortSignal.timeout(this.options.times.startLimitMs)]);
    const launched = await this.options.launcher.launch(this.settings);
    if (ended.aborted) {
      launched.kill();
      return;
    }
    this.launched = launched;
    const connection = await UpstreamConnection.open({
      server: this.server,
      transport: launched.transport,
      era: this.era,
      signal,
      onToolsChanged: () => void this.relist(ended),
      onClosed: () => {
        if (!ended.aborted) this.fail(new Error('it has ended'));
      },
      onOddity: (error) => {
        this.options.onOddity(this.server, error);
      },
    });
    const list = await connection.listTools(signal);
    // Dropped meanwhile, which has ended the process too.
    ended.throwIfAborted();
    this.connection = connection;
    this.era = connection.era;
    this.listed(list);
    this.step({ kind: 'connected' });
    this.watch(connection, ended);
  }

  private listed(list: ToolList): void {
    this.list = list;
    this.options.onTools(this, list);
  }

  private async relist(ended: AbortSignal): Promise<void> {
    const { connection } = this;
    if (connection === undefined) return;
    try {
      const list = await connection.listTools(ended);
      if (!ended.aborted) this.listed(list);
    } catch (error) {
      if (!ended.aborted) this.options.onOddity(this.server, error as Error);
    }
  }

  private watch(connection: UpstreamConnection, ended: AbortSignal): void {
    const { pingEveryMs, pingLimitMs } = this.options.times;
    this.timer = setTimeout(() => {
      const answered = connection.ping(pingLimitMs).then(
        () => true,
        () => false,
      );
      void answered.then((isWell) => {
        if (ended.aborted) return;
        if (!isWell) this.note(new Error(`it did not answer a ping within ${pingLimitMs} ms`));
        this.step({ kind: isWell ? 'ping-answered' : 'ping-missed' });
        if (this.connection === connection) this.watch(connection, ended);
      });
    }, pingEveryMs);
  }

  private fail(error: unknown): void {
    this.note(error);
    // Some servers end when they are asked for a revision that they do not know; others have been upgraded meanwhile.
    if (this.lifecycle.state === 'starting' && this.current.era === undefined)
      this.era = this.era === undefined ? 'legacy' : undefined;
    this.step({ kind: 'lost' });
  }

  private note(error: unknown): void {
    const words = this.launched?.lastWords();
    const text = words === undefined ? messageOf(error) : `${messageOf(error)}: ${words}`;
    const safe = redact(oneLine(withoutSecrets(this.current, text)));
    this.error = { text: safe.slice(0, maxErrorCharacters), at: new Date() };
  }
}
