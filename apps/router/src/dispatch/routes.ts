// Which agent gets a task.
import { Injectable } from '@nestjs/common';
import { TaskTypes } from '@pulser/context-bus';
import type { AgentName, TaskType } from '@pulser/contracts';

/** The agent that owns a task type, and those that may take its place, in this order. */
export interface Route {
  readonly agent: AgentName;
  readonly backups: readonly AgentName[];
}

/** The last reported state of each agent. One without an entry counts as healthy: nothing is known against it. */
export type HealthSnapshot = ReadonlyMap<AgentName, 'healthy' | 'unhealthy'>;

/** The first healthy agent of a route; its owner when none of them is healthy. */
export const routeOf = ({ agent, backups }: Route, health: HealthSnapshot): AgentName => {
  if (health.get(agent) !== 'unhealthy') return agent;
  return backups.find((backup) => health.get(backup) !== 'unhealthy') ?? agent;
};

/** Which agent gets a task now, by the task types that agents have registered. */
@Injectable()
export class Routes {
  // Every agent counts as healthy. The reports of the health service will replace this snapshot, here and nowhere else.
  private readonly health: HealthSnapshot = new Map();

  constructor(private readonly types: TaskTypes) {}

  /** Reads the task types again when they are old. While the database is away, the last ones hold. */
  async refresh(): Promise<void> {
    await this.types.current().catch(() => undefined);
  }

  /** @returns undefined for a type that no agent has registered: its rows wait until one does */
  agentFor(taskType: TaskType): AgentName | undefined {
    const route = this.types.latest.get(taskType);
    return route && routeOf(route, this.health);
  }
}
