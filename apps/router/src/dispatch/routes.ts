import { Injectable } from '@nestjs/common';
import { agentByTaskType, type AgentName, type TaskType } from '@pulser/contracts';

/** The agent that owns a task type, and those that may take its place, in this order. */
export interface Route<Agent extends string = string> {
  readonly agent: Agent;
  readonly backups: readonly Agent[];
}

/** The last reported state of each agent. One without an entry counts as healthy: nothing is known against it. */
export type HealthSnapshot = ReadonlyMap<string, 'healthy' | 'unhealthy'>;

/** The first healthy agent of a route; its owner when none of them is healthy. */
export const routeOf = <Agent extends string>({ agent, backups }: Route<Agent>, health: HealthSnapshot): Agent => {
  if (health.get(agent) !== 'unhealthy') return agent;
  return backups.find((backup) => health.get(backup) !== 'unhealthy') ?? agent;
};

const entries = Object.entries(agentByTaskType).map(([taskType, agent]) => [taskType, { agent, backups: [] }]);

// The only reader of the table in the router. Built once: it is asked for every task that is dispatched.
const routeByTaskType = Object.fromEntries(entries) as Readonly<Record<TaskType, Route<AgentName>>>;

/** The agent that owns a task type, healthy or not. */
export const ownerOf = (taskType: TaskType): AgentName => routeByTaskType[taskType].agent;

/** Which agent gets a task now. */
@Injectable()
export class Routes {
  // Every agent counts as healthy. The reports of the health service will replace this snapshot, here and nowhere else.
  private readonly health: HealthSnapshot = new Map();

  agentFor(taskType: TaskType): AgentName {
    return routeOf(routeByTaskType[taskType], this.health);
  }
}
