// One row for each agent, from all that the API says of it.
import type { AgentCondition, AgentHealth, InstallationAgents, Pause } from '@pulser/contracts';

import type { AgentVersionView } from './agent-queries.js';

export interface AgentRow {
  readonly agent: string;
  readonly state: 'up' | 'silent' | 'paused' | 'degraded' | 'unhealthy';
  /** Why, in words. */
  readonly reason: string;
  readonly taskTypes: readonly string[];
  readonly versions: readonly string[];
  readonly lastSeen: string | undefined;
  /** By the health service. */
  readonly condition?: AgentCondition;
  /** Figures of a tenant's tasks; a key of the installation has none. */
  readonly health?: AgentHealth;
  /** Slots of all live workers, and how many of them work; operators of the installation see them. */
  readonly slots?: { readonly busy: number; readonly all: number; readonly workers: number };
}

const pauseOf = (agent: string, pauses: readonly Pause[]): Pause | undefined =>
  pauses.find((pause) => pause.agent === agent);

const reasonOf = ({ reason, for_all_tenants: isForAll }: Pause): string =>
  `Paused${isForAll ? ' for all tenants' : ''}: ${reason ?? 'without a reason'}`;

/** What speaks against an agent, unless it is paused or no health service watches it. */
const badOf = (
  condition: AgentCondition | undefined,
): { readonly state: 'degraded' | 'unhealthy'; readonly reason: string } | undefined =>
  condition?.status === 'degraded' || condition?.status === 'unhealthy'
    ? { state: condition.status, reason: condition.reasons.join('; ') }
    : undefined;

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

export const tenantRows = (
  health: readonly AgentHealth[],
  {
    agents: registrations,
    conditions,
  }: { readonly agents: readonly AgentVersionView[]; readonly conditions: readonly AgentCondition[] },
  pauses: readonly Pause[],
): AgentRow[] =>
  health
    .map((one): AgentRow => {
      const own = registrations.filter(({ agent }) => agent === one.agent);
      const pause = pauseOf(one.agent, pauses);
      const isPaused = pause !== undefined && one.state === 'up';
      const condition = conditions.find(({ agent }) => agent === one.agent);
      const bad = isPaused ? undefined : badOf(condition);
      return {
        agent: one.agent,
        state: bad?.state ?? (isPaused ? 'paused' : one.state),
        reason: bad?.reason ?? (isPaused ? reasonOf(pause) : one.reason),
        ...(condition !== undefined && { condition }),
        taskTypes: unique(own.flatMap(({ task_types: types }) => types)),
        versions: unique(own.map(({ version }) => version)),
        lastSeen: one.last_seen,
        health: one,
      };
    })
    .sort((a, b) => (a.agent < b.agent ? -1 : 1));

const latest = (times: readonly string[]): string | undefined => times.toSorted().at(-1);

export const installationRows = (
  { agents, complete }: InstallationAgents,
  conditions: readonly AgentCondition[],
  pauses: readonly Pause[],
): AgentRow[] =>
  agents.map(({ agent, versions, instances, slots, running }) => {
    const live = instances.filter(({ state }) => state === 'up');
    const pause = pauseOf(agent, pauses);
    const state = live.length === 0 ? 'silent' : pause === undefined ? 'up' : 'paused';
    const heard = `${live.length} of ${instances.length} workers heard of within 5 s`;
    const condition = conditions.find((one) => one.agent === agent);
    const bad = state === 'paused' ? undefined : badOf(condition);
    return {
      ...{ agent, state: bad?.state ?? state },
      ...(condition !== undefined && { condition }),
      reason:
        bad?.reason ??
        (state === 'paused' && pause !== undefined
          ? reasonOf(pause)
          : complete
            ? heard
            : `${heard}; this gateway has not listened for long enough to know all`),
      taskTypes: unique(versions.flatMap(({ task_types: types }) => types)),
      versions: unique(versions.map(({ version }) => version)),
      lastSeen: latest([...versions.map(({ last_seen: at }) => at), ...instances.map((one) => one.last_heartbeat)]),
      slots: { busy: running, all: slots, workers: live.length },
    };
  });

interface Filter {
  readonly q?: string | undefined;
  readonly state?: AgentRow['state'] | undefined;
}

export const filtered = (rows: readonly AgentRow[], { q = '', state }: Filter): AgentRow[] => {
  const text = q.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (state === undefined || row.state === state) &&
      (text === '' || [row.agent, ...row.taskTypes].some((name) => name.includes(text))),
  );
};
