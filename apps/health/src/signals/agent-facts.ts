// What is known of the workers of an agent at a moment, and of what this process can know at all.
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type AgentName, queue } from '@pulser/contracts';
import { Broker, type HeardWorker, LiveWorkers } from '@pulser/messaging';

import type { WatchedAgent } from './watched-agents.js';

/** Workers connect again within so long of the broker's return. Milliseconds. */
const reconnectMs = 10_000;
/** A longer time between two rounds means that this process did not run: it heard nothing meanwhile. Milliseconds. */
const maxGapMs = 3_000;

/** The workers of an agent. */
export interface WorkerFacts {
  readonly instances: number;
  readonly slots: number;
  readonly running: number;
  /** Silent ones among those that were heard of and have not left, with the time. Milliseconds. */
  readonly silent: readonly HeardWorker[];
  /** Since the last heartbeat of any. Milliseconds. */
  readonly silentMs: number;
  readonly leftMs: number | undefined;
  readonly memoryMb: number | undefined;
  readonly lagMs: number | undefined;
  /** All of them know canaries, and each has reported a free slot for so long. Milliseconds. */
  readonly freeForMs: number;
  readonly isFinishing: boolean;
  /** Of each worker that lives: for how long all of its slots were taken and none of its tasks ended. Milliseconds. */
  readonly stuckForMs: readonly number[];
  /** Undefined: not known. */
  readonly consumers: number | undefined;
}

const most = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};

/** Reads the signals of workers; times are of the monotonic clock. */
@Injectable()
export class AgentFacts implements OnModuleInit {
  private upSince: number | undefined;
  private listeningSince = performance.now();
  private lastRound = performance.now();
  /** Agents whose queues had consumers since the broker is up. */
  private readonly consumed = new Set<AgentName>();

  constructor(
    private readonly broker: Broker,
    private readonly workers: LiveWorkers,
  ) {}

  onModuleInit(): void {
    this.follow();
    this.broker.onStateChange(() => {
      this.follow();
    });
  }

  /** To be called once a round. @returns false when this process did not run since the last one, or the broker is away */
  continues(now: number): boolean {
    const ran = now - this.lastRound <= maxGapMs;
    this.lastRound = now;
    if (!ran) this.listeningSince = now;
    return ran && this.broker.state === 'up';
  }

  /** Facts about each agent, those of their queues by passive declaration. */
  async of(agents: readonly WatchedAgent[], now: number): Promise<Map<AgentName, WorkerFacts>> {
    const heard = Map.groupBy(this.workers.all(now), ({ heartbeat }) => heartbeat.agent);
    const consumers = await this.consumers(agents, now);
    // No worker of any agent is heard of while queues have consumers: it is this process that hears nothing.
    const isDeaf = heard.size > 1 && [...heard.values()].flat().every(({ isSilent }) => isSilent);
    const hears = !(isDeaf && [...consumers.values()].some((count) => (count ?? 0) > 0));
    return new Map(
      agents.map(({ agent }) => [agent, this.factsOf(agent, heard.get(agent) ?? [], consumers.get(agent), hears, now)]),
    );
  }

  private factsOf(
    agent: AgentName,
    heard: readonly HeardWorker[],
    consumers: number | undefined,
    hears: boolean,
    now: number,
  ): WorkerFacts {
    const staying = heard.filter(({ heartbeat }) => heartbeat.leaving !== true);
    const live = staying.filter(({ isSilent }) => !isSilent);
    const listened = hears ? now - Math.max(this.listeningSince, this.upSince ?? now) : 0;
    const { workers: instances, slots, busy: running } = this.workers.workforceOf(agent, now);
    const knowCanaries = live.every(({ heartbeat }) => heartbeat.memory_mb !== undefined);
    return {
      ...{ instances, slots, running, consumers },
      silent: staying.filter(({ isSilent }) => isSilent),
      silentMs: Math.min(listened, ...heard.map(({ silentMs }) => silentMs)),
      leftMs: this.workers.leftMsAgo(agent, now),
      memoryMb: most(live.map(({ heartbeat }) => heartbeat.memory_mb)),
      lagMs: most(live.map(({ heartbeat }) => heartbeat.lag_ms)),
      freeForMs: knowCanaries && live.length > 0 ? Math.min(...live.map(({ freeForMs }) => freeForMs)) : 0,
      isFinishing: this.workers.finishedPerSecond(agent, now) > 0,
      stuckForMs: live.map(({ stuckForMs }) => stuckForMs),
    };
  }

  private async consumers(agents: readonly WatchedAgent[], now: number): Promise<Map<AgentName, number | undefined>> {
    const counts = await Promise.all(
      agents.map(async ({ agent }) => [agent, await this.consumersOf(agent, now)] as const),
    );
    return new Map(counts);
  }

  /** That there are none is believed of a queue that had some since the broker is up, and else when they had time to come. */
  private async consumersOf(agent: AgentName, now: number): Promise<number | undefined> {
    if (this.upSince === undefined) return undefined;
    const count = await this.broker.consumers(queue.agent(agent)).catch(() => undefined);
    if (count !== undefined && count > 0) this.consumed.add(agent);
    const isBelieved = this.consumed.has(agent) || now - this.upSince >= reconnectMs;
    return isBelieved ? count : undefined;
  }

  private follow(): void {
    this.upSince = this.broker.state === 'up' ? (this.upSince ?? performance.now()) : undefined;
    if (this.upSince === undefined) this.consumed.clear();
  }
}
