// Who gets the new tasks of an agent: the agent itself, or a stand-in while it is unhealthy, and on the way back a part each.
import type { AgentName, AgentStatus } from '@pulser/contracts';

/** Percent of its new tasks that go to an agent on the way back, one after the other. */
const wayBack = [1, 10, 50, 100] as const;

/** What is done about an agent. Times are milliseconds of one clock. */
export interface FailoverMemory {
  /** Percent of its new tasks that go to it. */
  readonly share: number;
  /** Takes the rest; null: no agent can. */
  readonly standIn: AgentName | null;
  /** Since when it has not been unhealthy. */
  readonly calmSince: number;
  /** When the share last changed. */
  readonly changedAt: number;
  /** When a stand-in last took over; null: never. */
  readonly failedOverAt: number | null;
  /** How long it must be calm before the way back begins: longer each time that it fails again. */
  readonly coolDownMs: number;
}

/** An agent that can run the same task types. */
export interface Candidate {
  readonly agent: AgentName;
  readonly status: AgentStatus;
  /** That live. */
  readonly workers: number;
}

/** See HealthEnv. Milliseconds. */
export interface FailoverLimits {
  readonly coolDownMs: number;
  /** Between two steps of the way back. */
  readonly stepMs: number;
}

/** The longest cool-down is so many times the first one. */
const maxPatience = 32;
/** A failure counts as the same trouble again within so many cool-downs. */
const rememberedFor = 10;

export const untouched = (now: number, { coolDownMs }: FailoverLimits): FailoverMemory => ({
  share: 100,
  standIn: null,
  calmSince: now,
  changedAt: now,
  failedOverAt: null,
  coolDownMs,
});

const canStandIn = ({ status, workers }: Candidate): boolean => status !== 'unhealthy' && workers > 0;

/**
 * Decides what is done about an agent from now on. Without a back-up that can stand in, its share is 0 all the same: its
 * tasks wait until it or one of them is back.
 * @param candidates its back-ups, in their order
 */
export const decide = (
  before: FailoverMemory,
  status: AgentStatus,
  candidates: readonly Candidate[],
  now: number,
  limits: FailoverLimits,
): FailoverMemory =>
  status === 'unhealthy' ? takenOver(before, candidates, now, limits) : calmed(before, candidates, now, limits);

const takenOver = (
  before: FailoverMemory,
  candidates: readonly Candidate[],
  now: number,
  limits: FailoverLimits,
): FailoverMemory => {
  const standIn = keptOr(before, candidates) ?? null;
  const calmSince = now;
  if (before.share === 0) return { ...before, standIn, calmSince };
  const isAgain = before.failedOverAt !== null && now - before.failedOverAt < rememberedFor * before.coolDownMs;
  const coolDownMs = isAgain ? Math.min(limits.coolDownMs * maxPatience, before.coolDownMs * 2) : limits.coolDownMs;
  return { share: 0, standIn, calmSince, changedAt: now, failedOverAt: now, coolDownMs };
};

const whole = (now: number): Pick<FailoverMemory, 'share' | 'standIn' | 'changedAt'> => ({
  share: 100,
  standIn: null,
  changedAt: now,
});

/** The stand-in of now, as long as it can be one: tasks need not move twice. */
const keptOr = ({ standIn }: FailoverMemory, candidates: readonly Candidate[]): AgentName | undefined =>
  (candidates.find((one) => one.agent === standIn && canStandIn(one)) ?? candidates.find(canStandIn))?.agent;

const calmed = (
  before: FailoverMemory,
  candidates: readonly Candidate[],
  now: number,
  limits: FailoverLimits,
): FailoverMemory => {
  if (before.share === 100) return before;
  // No back-up can take the rest any more.
  const standIn = keptOr(before, candidates);
  if (standIn === undefined) return { ...before, ...whole(now) };
  const waited =
    before.share === 0 ? now - before.calmSince >= before.coolDownMs : now - before.changedAt >= limits.stepMs;
  if (!waited) return { ...before, standIn };
  const share = wayBack.find((step) => step > before.share) ?? 100;
  return { ...before, share, standIn: share === 100 ? null : standIn, changedAt: now };
};
