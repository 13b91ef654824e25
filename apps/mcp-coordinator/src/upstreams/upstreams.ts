// All servers of tools: which there are, as the configuration says, and the way to each.
import type { ServerSettings } from '../configuration/server-settings.js';
import { startKeyOf } from '../configuration/server-settings.js';
import type { CallOptions, ToolList } from '../protocol/upstream-connection.js';
import type { Launcher } from './launcher.js';
import { StartSlots } from './start-slots.js';
import type { ToolAnswer } from './tool-answer.js';
import { UpstreamUnavailable } from './upstream-errors.js';
import { type ServerState, type StateChange, Upstream, type UpstreamTimes } from './upstream.js';

export interface UpstreamsOptions {
  readonly launcher: Launcher;
  readonly times: UpstreamTimes;
  /** Servers that start at a time. */
  readonly startLimit: number;
  readonly onState: (state: ServerState) => void;
  readonly onTools: (settings: ServerSettings, list: ToolList) => void;
  /** A server is gone from the configuration, or is not started any more. */
  readonly onGone: (server: string) => void;
  readonly onOddity: (server: string, error: Error) => void;
}

export class Upstreams {
  private readonly byName = new Map<string, Upstream>();
  private readonly slots: StartSlots;
  /** Replaced ones that still have calls in hand. */
  private readonly leaving = new Set<Promise<void>>();

  constructor(private readonly options: UpstreamsOptions) {
    this.slots = new StartSlots(options.startLimit);
  }

  states(): readonly ServerState[] {
    return [...this.byName.values()].map(({ state }) => state);
  }

  /** @returns undefined when there is no such server */
  changesOf(server: string): readonly StateChange[] | undefined {
    return this.byName.get(server)?.changes;
  }

  /**
   * Calls a tool under the name that its server has for it. Nobody is asked whether the caller may: that is for whoever calls.
   * @throws UpstreamUnavailable, UpstreamLost, UpstreamRefused, or the reason of the signal
   */
  async call(
    server: string,
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<ToolAnswer> {
    const upstream = this.byName.get(server);
    if (upstream === undefined) throw new UpstreamUnavailable(server, 'it is not configured');
    return upstream.call(tool, args, options);
  }

  /** Starts what is new, ends what is gone, and replaces what has changed; all others go on undisturbed. */
  apply(wanted: readonly ServerSettings[]): void {
    const names = new Set(wanted.map(({ name }) => name));
    for (const [name, upstream] of this.byName) if (!names.has(name)) this.retire(name, upstream);
    for (const settings of wanted) this.applyOne(settings);
  }

  async close(): Promise<void> {
    const closing = [...this.byName.values()].map((upstream) => upstream.close());
    this.byName.clear();
    await Promise.all([...closing, ...this.leaving]);
  }

  private applyOne(settings: ServerSettings): void {
    const current = this.byName.get(settings.name);
    if (current !== undefined && startKeyOf(current.settings) === startKeyOf(settings)) {
      current.reconfigure(settings);
      return;
    }
    const next = this.made(settings);
    this.byName.set(settings.name, next);
    if (current !== undefined) this.leave(current);
    if (settings.disabled !== undefined) this.options.onGone(settings.name);
    next.begin();
  }

  private made(settings: ServerSettings): Upstream {
    const { launcher, times, onState, onTools, onOddity } = this.options;
    return new Upstream(settings, {
      launcher,
      times,
      slots: this.slots,
      onState: (upstream) => {
        if (this.isCurrent(upstream)) onState(upstream.state);
      },
      onTools: (upstream, list) => {
        if (this.isCurrent(upstream)) onTools(upstream.settings, list);
      },
      onOddity,
    });
  }

  private isCurrent(upstream: Upstream): boolean {
    return this.byName.get(upstream.server) === upstream;
  }

  private retire(name: string, upstream: Upstream): void {
    this.byName.delete(name);
    this.leave(upstream);
    this.options.onGone(name);
  }

  private leave(upstream: Upstream): void {
    const left = upstream.close().finally(() => this.leaving.delete(left));
    this.leaving.add(left);
  }
}
