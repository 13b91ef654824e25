// Which agent gets a task.
import { Injectable } from '@nestjs/common';
import { routeOf, standInOf, TaskTypes } from '@pulser/context-bus';
import type { AgentName, TaskType } from '@pulser/contracts';
import type { BreakerState } from '@pulser/service-kit';

/** Which agent gets a task now, by the task types that agents have registered and by how these are. */
@Injectable()
export class Routes {
  constructor(private readonly types: TaskTypes) {}

  /** Reads task types and health again when they are old. While the database is away, the last ones hold. */
  async refresh(): Promise<void> {
    await this.types.current().catch(() => undefined);
  }

  /** The health of an agent has changed: it is read now. */
  outdated(): Promise<void> {
    this.types.outdate();
    return this.refresh();
  }

  /** @returns undefined for a type that no agent has registered: its rows wait until one does */
  agentFor(taskType: TaskType, taskId: string): AgentName | undefined {
    const route = this.types.latest.get(taskType);
    return route && routeOf(route, taskId, this.types.health);
  }

  /** The owner of a type while it gets all of its tasks; undefined while others take some. */
  undividedOwnerOf(taskType: TaskType): AgentName | undefined {
    const owner = this.types.latest.get(taskType)?.agent;
    return owner !== undefined && this.isUndivided(owner) ? owner : undefined;
  }

  /** The agent for which the rows of a type wait: its owner. */
  ownerOf(taskType: TaskType): AgentName | undefined {
    return this.types.latest.get(taskType)?.agent;
  }

  /** Whether every agent gets all of its tasks itself. */
  get allUndivided(): boolean {
    return [...this.types.health.values()].every(({ share }) => share === 100);
  }

  /** Who takes what waits for an agent: itself, or while it gets a part of its tasks or none, its stand-in. */
  standInFor(agent: AgentName): AgentName {
    const { health, latest } = this.types;
    const state = health.get(agent);
    if (state === undefined || state.share === 100) return agent;
    const owned = [...latest.values()].find((type) => type.agent === agent);
    return owned === undefined ? agent : standInOf(owned, state, health);
  }

  /** Whether an agent may get tasks of a type: it owns it, or backs its owner up. */
  runs(agent: AgentName, taskType: TaskType): boolean {
    const route = this.types.latest.get(taskType);
    return route !== undefined && (route.agent === agent || route.backups.includes(agent));
  }

  /** Tasks of an agent that were last sent before this time lie with one that has failed; undefined: none does. */
  resendBefore(agent: AgentName): Date | undefined {
    return this.types.health.get(agent)?.resendBefore;
  }

  /** Every agent as a breaker: closed, it gets its tasks; half open, a part of them; open, none. */
  get breakers(): (readonly [AgentName, BreakerState])[] {
    return [...this.types.health].map(([agent, { share }]) => [
      agent,
      share === 100 ? 'closed' : share === 0 ? 'open' : 'half_open',
    ]);
  }

  private isUndivided(agent: AgentName): boolean {
    return (this.types.health.get(agent)?.share ?? 100) === 100;
  }
}
