// Credit for gateways: what they may send to the workers by themselves, which saves each task a hop through the router. The
// router still decides: which agent, how many, and nothing at all while older tasks wait.
import { Injectable } from '@nestjs/common';
import {
  type AgentName,
  type DispatchGranted,
  type DispatchReported,
  priorities,
  type Priority,
  type TaskType,
} from '@pulser/contracts';
import { Broker, Publisher } from '@pulser/messaging';
import { ServiceInfo } from '@pulser/service-kit';

import { type AgentQueueWindow, AgentQueueWindows } from './agent-queue-window.js';
import { Routes } from './routes.js';

/** Milliseconds for which a gateway that had tasks of a type gets credit for it. */
const wantedForMs = 10_000;

type Grant = DispatchGranted['grants'][number];

/** One gateway, by its reports. */
interface Gateway {
  /** Of a monotonic clock, milliseconds: when it last had tasks of each type. */
  readonly wantedAt: Map<TaskType, number>;
  /** Tasks that it has sent since its start, by agent. */
  readonly totals: Map<AgentName, number>;
}

/** The gateways that submit tasks, and what each of them may dispatch. */
@Injectable()
export class GatewayCredit {
  private readonly gateways = new Map<string, Gateway>();

  constructor(
    private readonly routes: Routes,
    private readonly windows: AgentQueueWindows,
    private readonly broker: Broker,
    private readonly publisher: Publisher,
    private readonly info: ServiceInfo,
  ) {}

  /**
   * Counts what a gateway has sent as if it had come this way.
   * @param now of a monotonic clock, milliseconds
   */
  heard({ gateway: name, wanted, sent, totals }: DispatchReported, now: number): void {
    const gateway = this.gateways.get(name) ?? { wantedAt: new Map(), totals: new Map() };
    this.gateways.set(name, gateway);
    for (const taskType of wanted) gateway.wantedAt.set(taskType, now);
    for (const { agent, tasks } of totals) gateway.totals.set(agent, tasks);
    for (const { agent, priority, tasks, messages } of sent)
      this.windows.of(agent).sentByGateway(priority, tasks, messages);
  }

  /**
   * Grants the room that each agent's queue has, in equal shares for the gateways with tasks for it.
   * @param now of a monotonic clock, milliseconds
   */
  async grant(now: number): Promise<void> {
    this.forgetIdle(now);
    if (this.gateways.size === 0 || this.broker.state !== 'up') return;
    await this.routes.refresh();
    // Without it gateways send everything to the router.
    await this.publisher
      .publish('dispatch.granted', { router: this.info.instance, grants: this.grants() })
      .catch(() => undefined);
  }

  private grants(): Grant[] {
    const wishes = [...this.gateways].flatMap(([gateway, { wantedAt, totals }]) =>
      [...this.typesByAgent(wantedAt.keys())].map(([agent, task_types]) => {
        const total = totals.get(agent) ?? 0;
        return { gateway, agent, task_types, total };
      }),
    );
    return [...Map.groupBy(wishes, ({ agent }) => agent)].flatMap(([agent, sharing]) => {
      const window = this.windows.of(agent);
      return sharing.map(({ total, ...wish }) => ({
        ...wish,
        until: limitsOf(window, total, sharing.length),
        tasks_per_message: window.maxBatch,
      }));
    });
  }

  // Of a type whose tasks are divided the router must see each.
  private typesByAgent(taskTypes: Iterable<TaskType>): Map<AgentName, TaskType[]> {
    const byAgent = Map.groupBy(taskTypes, (taskType) => this.routes.undividedOwnerOf(taskType));
    const served = new Map<AgentName, TaskType[]>();
    for (const [agent, types] of byAgent) if (agent !== undefined) served.set(agent, types);
    return served;
  }

  private forgetIdle(now: number): void {
    for (const [name, { wantedAt }] of this.gateways) {
      for (const [taskType, at] of wantedAt) if (now - at > wantedForMs) wantedAt.delete(taskType);
      if (wantedAt.size === 0) this.gateways.delete(name);
    }
  }
}

const limitsOf = (window: AgentQueueWindow, total: number, gateways: number): Record<Priority, number> => {
  const limit = (priority: Priority): number =>
    // New tasks would overtake those that wait.
    window.backlog(priority).hasBacklog ? total : total + Math.floor(window.room(priority) / gateways);
  return Object.fromEntries(priorities.map((priority) => [priority, limit(priority)])) as Record<Priority, number>;
};
