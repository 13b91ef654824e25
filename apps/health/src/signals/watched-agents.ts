// Which agents are watched: those that have registered and were not revoked; and which agents can stand in for them.
import { Injectable } from '@nestjs/common';
import { Agents, type ServedType, TaskTypes } from '@pulser/context-bus';
import { type AgentName, builtInAgents, type TaskType } from '@pulser/contracts';
import { agents as roster } from '@pulser/roster';

import { HealthEnv } from '../health.env.js';

export interface WatchedAgent {
  readonly agent: AgentName;
  /** One of those that it owns. */
  readonly taskType: TaskType;
  /** Agents that run all of its task types, in the order that it registered. */
  readonly backups: readonly AgentName[];
  /** Megabytes that a worker may hold in memory; undefined: it is not judged by that. */
  readonly memoryMb: number | undefined;
  /** Longest time that a task may take which it runs, for itself or for others. Milliseconds. */
  readonly timeLimitMs: number;
}

/** An agent that was not seen for so long has been given up. */
const givenUpMs = 7 * 86_400_000;

const limits = new Map<AgentName, number | undefined>(
  roster.map((row) => [row.name, 'memoryMb' in row ? row.memoryMb : undefined]),
);

/** The task types of one agent: those that can stand in run each of them. */
const watched = (
  agent: AgentName,
  types: readonly ServedType[],
  runs: readonly ServedType[],
  usualMb: number,
): WatchedAgent[] => {
  const [first] = types;
  if (first === undefined) return [];
  const backups = first.backups.filter((name) => types.every((type) => type.backups.includes(name)));
  const memoryMb = usualMb === 0 ? undefined : (limits.get(agent) ?? usualMb);
  const timeLimitMs = Math.max(...runs.map((type) => type.timeLimitMs));
  return [{ agent, taskType: first.taskType, backups, memoryMb, timeLimitMs }];
};

@Injectable()
export class WatchedAgents {
  constructor(
    private readonly agents: Agents,
    private readonly types: TaskTypes,
    private readonly env: HealthEnv,
  ) {}

  /** By name. @throws DatabaseUnavailable */
  async all(): Promise<WatchedAgent[]> {
    const [table, versions, revoked] = await Promise.all([
      this.types.current(),
      this.agents.versions(),
      this.agents.revoked(),
    ]);
    const seenMs = Date.now() - givenUpMs;
    const known = new Set(versions.filter(({ lastSeenAt }) => lastSeenAt.getTime() >= seenMs).map(({ name }) => name));
    for (const agent of revoked) if (!builtInAgents.includes(agent)) known.delete(agent);
    const types = [...table.values()];
    return [...known].sort().flatMap((agent) => {
      const own = types.filter((type) => type.agent === agent);
      const runs = types.filter((type) => type.agent === agent || type.backups.includes(agent));
      return watched(agent, own, runs, this.env.HEALTH_MEMORY_MB);
    });
  }
}
