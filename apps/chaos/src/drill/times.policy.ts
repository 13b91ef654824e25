// The times of a drill, from what was observed.
import type { Breakage, BreakageName } from './breakages.js';
import type { EndedTask, HealthChange } from './observations.js';

/** A task is late when its client has waited for more than so long, in milliseconds. */
export const lateMs = 5_000;

/** What was done, in milliseconds since the epoch. */
export interface Moments {
  readonly brokenAt: number;
  readonly wholeAt: number;
}

/** What a drill has measured; times in milliseconds, null: it never came. */
export interface DrillTimes {
  /** From the breakage until the status of the agent says so. */
  readonly notice_ms: number | null;
  /** From the breakage until the first task that was submitted after it has completed on another agent. */
  readonly reroute_ms: number | null;
  /** From the repair until the agent counts as healthy. */
  readonly recover_ms: number | null;
  /** From the repair until all new tasks go to it again. */
  readonly return_ms: number | null;
  /** Tasks, submitted from the breakage on, that took longer than {@link lateMs}. */
  readonly late: number;
  /** How often all its new tasks were given to others. */
  readonly failovers: number;
}

const since = (at: number | undefined | null, from: number): number | null =>
  at === undefined || at === null ? null : Math.round(at - from);

const reroutedAt = (tasks: readonly EndedTask[], agent: string, brokenAt: number): number | null => {
  const [first] = tasks.filter(({ createdAt }) => createdAt > brokenAt).sort((a, b) => a.createdAt - b.createdAt);
  return first === undefined || first.agent === agent || first.status !== 'completed' ? null : first.completedAt;
};

/** @param changes of the agent, oldest first */
export const timesOf = (
  agent: string,
  changes: readonly HealthChange[],
  tasks: readonly EndedTask[],
  { brokenAt, wholeAt }: Moments,
): DrillTimes => {
  const after = changes.filter(({ at }) => at >= brokenAt);
  const healed = changes.filter(({ at }) => at >= wholeAt);
  const noticed = after.find(({ status }) => status !== 'healthy');
  const healthy = healed.find(({ status }) => status === 'healthy');
  const returned = healed.find(({ status, share }) => status === 'healthy' && share === 100);
  const given = after.filter(({ share }, n) => share === 0 && after[n - 1]?.share !== 0);
  const late = tasks.filter(
    ({ createdAt, completedAt }) => createdAt >= brokenAt && (completedAt ?? Infinity) - createdAt > lateMs,
  );
  return {
    notice_ms: since(noticed?.at, brokenAt),
    reroute_ms: since(reroutedAt(tasks, agent, brokenAt), brokenAt),
    recover_ms: since(healthy?.at, wholeAt),
    return_ms: since(returned?.at, wholeAt),
    late: late.length,
    failovers: given.length,
  };
};

const flapWindowMs = 300_000;

/** How often the agent was failed over, if that is not as promised, in words. @param flapMs how long it flapped */
export const failoverTroubles = (
  { expects, flaps }: Pick<Breakage, 'expects' | 'flaps'>,
  failovers: number,
  flapMs: number,
): string[] => {
  const least = expects === 'unhealthy' ? 1 : 0;
  const most = flaps === true ? Math.ceil(flapMs / flapWindowMs) : 1;
  return failovers < least || failovers > most
    ? [`it was failed over ${failovers} times, not ${least} to ${most}`]
    : [];
};

/** Seconds within which the first task must have completed on another agent, 95 times of 100; for `slow` the status must say so. */
export const promised: Readonly<
  Partial<Record<BreakageName, { readonly of: 'notice_ms' | 'reroute_ms'; readonly s: number }>>
> = {
  kill: { of: 'reroute_ms', s: 5 },
  freeze: { of: 'reroute_ms', s: 20 },
  deafen: { of: 'reroute_ms', s: 35 },
  slow: { of: 'notice_ms', s: 60 },
};
