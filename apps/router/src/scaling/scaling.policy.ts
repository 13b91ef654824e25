// How many workers an agent should have, from how long its tasks wait.
import type { AgentName, AgentScaling } from '@pulser/contracts';

/** The workers of an agent, by their heartbeats. */
export interface Workers {
  readonly workers: number;
  /** Tasks that they run at a time. */
  readonly slots: number;
  /** Slots in use. */
  readonly busy: number;
}

/** What waits for an agent, and how long it may. */
export interface Waiting {
  readonly waiting: number;
  readonly oldestWaitS: number;
  readonly objectiveS: number;
}

/** A wait within this share of its objective changes nothing, as in the horizontal pod autoscaler. */
const tolerance = 0.1;

/**
 * Slots at most double from one decision to the next: a backlog of hours says that there are too few, not how many are needed.
 * As the usual policy of the horizontal pod autoscaler: 100 % in 15 s.
 */
const maxGrowth = 2;

/**
 * The formula of the horizontal pod autoscaler, with slots for replicas and the oldest wait for the metric:
 * `ceil(slots * wait / objective)`. https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
 *
 * Never fewer than are busy: what runs is not interrupted. Never more than could be busy: a slot without a task does not
 * shorten a wait. At least one while a task waits: from no slots nothing could grow.
 */
export const desiredSlots = ({ slots, busy, waiting, oldestWaitS, objectiveS }: Workers & Waiting): number => {
  if (waiting === 0) return busy;
  const ratio = oldestWaitS / objectiveS;
  const wanted = Math.abs(ratio - 1) <= tolerance ? slots : Math.ceil(slots * Math.min(ratio, maxGrowth));
  return Math.max(busy, 1, Math.min(wanted, busy + waiting));
};

/** The workers that have so many slots. An agent without any has slots of an unknown number: one worker will show it. */
export const desiredWorkers = (wantedSlots: number, { workers, slots }: Workers): number =>
  workers === 0 || slots === 0 ? Math.min(1, wantedSlots) : Math.ceil(wantedSlots / (slots / workers));

const hundredths = (seconds: number): number => Math.round(seconds * 100) / 100;

/** The signal of an agent. */
export const scalingOf = (agent: AgentName, workers: Workers, waiting: Waiting): AgentScaling => {
  const desired_slots = desiredSlots({ ...workers, ...waiting });
  return {
    agent,
    desired_workers: desiredWorkers(desired_slots, workers),
    desired_slots,
    workers: workers.workers,
    slots: workers.slots,
    busy: workers.busy,
    waiting: waiting.waiting,
    oldest_wait_s: hundredths(waiting.oldestWaitS),
    objective_s: waiting.objectiveS,
  };
};
