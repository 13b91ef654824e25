// Which agent gets a task: the owner of its type, or one that stands in for it.
import type { AgentName } from '@pulser/contracts';

import type { AgentHealth, HealthSnapshot } from './health-snapshot.js';

/** The agent that owns a task type, and those that may take its place, in this order. */
export interface Route {
  readonly agent: AgentName;
  readonly backups: readonly AgentName[];
}

/** Of a task, 0 to 99, evenly spread: the end of its id is random. The same each time it is routed. */
export const bucketOf = (taskId: string): number => Number.parseInt(taskId.slice(-8), 16) % 100;

/**
 * Who takes what does not go to the owner of a route: the stand-in that the health services name, if it runs this type;
 * otherwise the first back-up that is not unhealthy. The owner itself when there is none: its tasks wait for it.
 */
export const standInOf = ({ agent, backups }: Route, { standIn }: AgentHealth, health: HealthSnapshot): AgentName => {
  if (standIn === null) return agent;
  if (standIn !== undefined && backups.includes(standIn)) return standIn;
  return backups.find((backup) => health.get(backup)?.status !== 'unhealthy') ?? agent;
};

/** The agent that gets a task: the owner of its type, or for the share of its tasks that it must not get now its stand-in. */
export const routeOf = (route: Route, taskId: string, health: HealthSnapshot): AgentName => {
  const owner = health.get(route.agent);
  if (owner === undefined || owner.share === 100 || bucketOf(taskId) < owner.share) return route.agent;
  return standInOf(route, owner, health);
};
