// All tools by the names under which they are offered.
import { Injectable } from '@nestjs/common';
import { type PinVerdict, type SeenTool, ToolPins } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import type { ServerSettings } from '../configuration/server-settings.js';
import type { RawTool, ToolList } from '../protocol/upstream-connection.js';
import {
  digestOf,
  offered,
  type OfferedTool,
  type RegisteredTool,
  type ToolVariable,
  variablesIn,
} from './definition.policy.js';
import { warningsOf } from './hidden-text.policy.js';

interface Listed {
  readonly settings: ServerSettings;
  readonly list: ToolList;
}

type Judged = Pick<RegisteredTool, 'pin' | 'isQuarantined' | 'warnings'>;

export type RegistryListener = (change: { readonly server: string; readonly quarantined: readonly string[] }) => void;

/** Milliseconds until pins are asked again, of which the database gave no answer or which wait for a person. */
const retryMs = 2_000;
const reviewMs = 15_000;

@Injectable()
export class ToolRegistry {
  private readonly listed = new Map<string, Listed>();
  private readonly judged = new Map<string, ReadonlyMap<string, Judged>>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /**
   * What our own servers have listed first, tool by tool: it was installed with this process, so that it is trusted without the
   * database, whatever another version that runs beside this one has pinned.
   */
  private readonly installed = new Map<string, ReadonlyMap<string, string>>();
  private readonly listeners: RegistryListener[] = [];
  private byName: ReadonlyMap<string, RegisteredTool> = new Map();
  private number = 0;

  constructor(
    private readonly pins: ToolPins,
    private readonly logger: Logger,
  ) {}

  find(exposedName: string): RegisteredTool | undefined {
    return this.byName.get(exposedName);
  }

  /** Those in quarantine too. */
  list(): readonly RegisteredTool[] {
    return [...this.byName.values()];
  }

  /** What a call of a server's tools may have to bring; none of a server that is not Pulser's own, or has listed nothing yet. */
  variablesOf(server: string): readonly ToolVariable[] {
    const listed = this.listed.get(server);
    return listed?.settings.isOwn === true ? variablesIn(listed.list.meta) : [];
  }

  /** Grows with each change: what is made of the list may be kept by it. */
  get version(): number {
    return this.number;
  }

  onChange(listener: RegistryListener): void {
    this.listeners.push(listener);
  }

  /** Takes what a server lists now; what of it is not pinned yet is offered once its pins are known. */
  async offer(settings: ServerSettings, list: ToolList): Promise<void> {
    this.listed.set(settings.name, { settings, list });
    await this.judge(settings.name);
  }

  /** The server is gone: so are its tools. */
  withdraw(server: string): void {
    clearTimeout(this.timers.get(server));
    if (!this.listed.delete(server)) return;
    this.judged.delete(server);
    this.rebuild(server);
  }

  /** Asks again for the pins of a server, after a person has decided on one. */
  async judge(server: string): Promise<void> {
    clearTimeout(this.timers.get(server));
    const listed = this.listed.get(server);
    if (listed === undefined) return;
    const verdicts = await this.verdictsOn(listed);
    // Something else was listed meanwhile, which is judged by itself.
    if (this.listed.get(server) !== listed) return;
    if (verdicts !== undefined) {
      this.judged.set(server, verdicts);
      this.rebuild(server);
    }
    const waits = verdicts === undefined || [...verdicts.values()].some(({ isQuarantined }) => isQuarantined);
    if (waits) this.judgeLater(server, verdicts === undefined ? retryMs : reviewMs);
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.listed.clear();
  }

  private judgeLater(server: string, ms: number): void {
    const timer = setTimeout(() => void this.judge(server), ms);
    timer.unref();
    this.timers.set(server, timer);
  }

  /** @returns undefined when nothing is known of the tools, because the database gives no answer */
  private async verdictsOn({ settings, list }: Listed): Promise<ReadonlyMap<string, Judged> | undefined> {
    const { name, isOwn } = settings;
    const seen = list.tools.map(seenTool);
    const isFirst = isOwn && !this.installed.has(name);
    if (isFirst) this.installed.set(name, new Map(seen.map(({ tool, digest }) => [tool, digest])));
    const installed = this.installed.get(name);
    const verdicts = await this.askPins(name, seen, isFirst);
    if (verdicts === undefined && installed === undefined) return undefined;
    const statusOf = new Map(verdicts?.map(({ tool, status }) => [tool, status]));
    return new Map(
      seen.map(({ tool, digest, warnings }) => {
        const isTrusted = installed?.get(tool) === digest || statusOf.get(tool) === 'approved';
        return [tool, { pin: digest, isQuarantined: !isTrusted, warnings }];
      }),
    );
  }

  private async askPins(
    server: string,
    seen: readonly SeenTool[],
    isFirst: boolean,
  ): Promise<readonly PinVerdict[] | undefined> {
    try {
      return await this.pins.see(server, seen, isFirst);
    } catch (err) {
      this.logger.warn(
        { err, server },
        'the pins of a server could not be read: those of its tools that need one come later',
      );
      return undefined;
    }
  }

  private rebuild(server: string): void {
    const before = this.byName;
    this.byName = this.all();
    this.number += 1;
    const quarantined = [...this.byName.values()]
      .filter((tool) => tool.server === server && tool.isQuarantined)
      .map(({ tool }) => tool);
    const news = quarantined.filter((tool) => ![...before.values()].some((one) => waitsForReview(one, server, tool)));
    if (news.length > 0)
      this.logger.warn({ server, tools: news }, 'definitions of tools have changed: they wait for a review');
    for (const listener of this.listeners) listener({ server, quarantined });
  }

  private all(): Map<string, RegisteredTool> {
    const all = new Map<string, RegisteredTool>();
    for (const { settings, list } of this.listed.values()) {
      const judged = this.judged.get(settings.name);
      const variables = variablesIn(list.meta);
      for (const definition of list.tools) {
        const tool = offered(settings, definition, variables);
        const verdict = judged?.get(definition.name);
        if (tool === undefined || verdict === undefined) continue;
        if (all.has(tool.exposedName))
          this.logger.warn(clash(tool), 'two tools have the same name: the second is not offered');
        else all.set(tool.exposedName, { ...tool, ...verdict });
      }
    }
    return all;
  }
}

const seenTool = (definition: RawTool): SeenTool => ({
  tool: definition.name,
  digest: digestOf(definition),
  definition,
  warnings: warningsOf(definition),
});

const waitsForReview = (one: RegisteredTool, server: string, tool: string): boolean =>
  one.server === server && one.tool === tool && one.isQuarantined;

const clash = ({ server, tool, exposedName }: OfferedTool) => ({ server, tool, name: exposedName });
