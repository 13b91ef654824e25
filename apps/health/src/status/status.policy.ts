// How an agent is, from what is known of it. What shows a fault by itself acts at once; what is measured again and again
// counts when it was bad three times in a row, and stops to count when it was good twice.
import type { AgentName, AgentStatus } from '@pulser/contracts';

import { type Progress, stallOf } from './progress.policy.js';

/** A measurement: the same number means the same measurement, which counts once. */
export interface Measurement {
  readonly value: number;
  readonly number: number;
}

/** What is known of an agent at a moment. Durations in milliseconds; undefined: not known. */
export interface AgentSignals {
  readonly agent: AgentName;
  /** Workers that live, and what they can do together. */
  readonly instances: number;
  /** Since the last heartbeat of any worker, or since this process began to listen. */
  readonly silentMs: number;
  /** Since a worker said that it leaves, as planned. */
  readonly leftMs: number | undefined;
  /** Of its queue. */
  readonly consumers: number | undefined;
  /** Since its row was written: the latest canary that was or may be judged. Its number counts canaries. */
  readonly canary: (Measurement & { readonly isBack: boolean }) | undefined;
  /** Longest delay of an event loop in the last second. */
  readonly lag: Measurement | undefined;
  /** Share of its limit that the largest instance holds in memory. */
  readonly memory: Measurement | undefined;
  /** Geometric mean of the run times of the last tasks, in terms of what their operations usually take. */
  readonly slowness: Measurement | undefined;
  /** Share of the last tasks that failed for good. */
  readonly errors: Measurement | undefined;
  readonly progress: Progress | undefined;
}

/** The thresholds; see HealthEnv. */
export interface StatusLimits {
  readonly silentMs: number;
  /** After a planned stop nothing is missed for so long. */
  readonly leaveMs: number;
  readonly canaryMs: number;
  readonly canarySlowMs: number;
  readonly lagMs: number;
  /** Share of its memory. */
  readonly memory: number;
  readonly slowness: number;
  readonly errors: number;
  /** See `stallOf`. Milliseconds. */
  readonly stalledMs: number;
}

const badInARow = 3;
const goodInARow = 2;

/** Faults make an agent unhealthy, the others degraded. The order is that of the reasons. */
const faults = ['silent', 'deaf', 'canary'] as const;
const measures = ['stalled', 'canarySlow', 'lag', 'memory', 'slowness', 'errors'] as const;
type Fault = (typeof faults)[number];
type Measure = (typeof measures)[number];
type Finding = Fault | Measure;

/** What was seen of one finding so far. */
export interface FindingMemory {
  readonly holds: boolean;
  /** Against what holds, one after the other. */
  readonly contrary: number;
  /** Number of the latest measurement that counted. */
  readonly number: number;
  /** In words, of the latest time that it was bad. */
  readonly words: string;
}

export type StatusMemory = Readonly<Partial<Record<Finding, FindingMemory>>>;

export interface Judgement {
  readonly status: AgentStatus;
  readonly reasons: readonly string[];
  readonly memory: StatusMemory;
}

/** What one look says of a finding: bad in words, or good; undefined: nothing that counts. */
type Look = { readonly number: number; readonly bad: string | undefined } | undefined;

const duration = (ms: number): string => {
  if (ms < 100) return `${Math.round(ms)} ms`;
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1_000)} s`;
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Whether a planned stop explains that no worker is there. */
const isLeaving = ({ leftMs, instances }: AgentSignals, { leaveMs }: StatusLimits): boolean =>
  instances === 0 && leftMs !== undefined && leftMs < leaveMs;

const measured = (measurement: Measurement | undefined, limit: number, words: (value: number) => string): Look =>
  measurement === undefined
    ? undefined
    : {
        number: measurement.number,
        bad: measurement.value >= limit ? words(measurement.value) : undefined,
      };

/** What holds now by itself; `round` numbers the looks. */
const lookAt = (signals: AgentSignals, limits: StatusLimits, round: number): Readonly<Record<Finding, Look>> => {
  const { instances, silentMs, consumers, canary, lag, memory, slowness, errors, progress } = signals;
  const left = isLeaving(signals, limits);
  const isSilent = instances === 0 && silentMs >= limits.silentMs;
  return {
    silent:
      instances > 0 || isSilent
        ? { number: round, bad: isSilent && !left ? `no worker was heard of for ${duration(silentMs)}` : undefined }
        : undefined,
    deaf:
      consumers === undefined || left
        ? undefined
        : { number: round, bad: consumers === 0 ? 'no worker takes messages from its queue' : undefined },
    canary: canaryLook(canary, limits),
    stalled: progress && { number: round, bad: stallOf(progress, limits.stalledMs) },
    canarySlow: canary?.isBack === true ? slowCanary(canary, limits) : undefined,
    lag: measured(lag, limits.lagMs, (ms) => `the event loop of a worker is up to ${duration(ms)} late`),
    memory: measured(memory, limits.memory, (share) => `a worker holds ${percent(share)} of its memory`),
    slowness: measured(
      slowness,
      limits.slowness,
      (times) => `tasks run ${Math.round(times * 10) / 10} times as long as usual`,
    ),
    errors: measured(errors, limits.errors, (share) => `${percent(share)} of the last tasks failed`),
  };
};

const canaryLook = (canary: AgentSignals['canary'], { canaryMs }: StatusLimits): Look => {
  if (canary === undefined) return undefined;
  const { isBack, value, number } = canary;
  if (value >= canaryMs) return { number, bad: `a canary ${isBack ? 'took' : 'has been away for'} ${duration(value)}` };
  return isBack ? { number, bad: undefined } : undefined;
};

const slowCanary = ({ value, number }: Measurement, { canarySlowMs }: StatusLimits): Look => ({
  number,
  bad: value >= canarySlowMs ? `canaries take ${duration(value)}` : undefined,
});

const unknown: FindingMemory = { holds: false, contrary: 0, number: -1, words: '' };

/** Looks in a row that turn a finding: a worker that reconnects has no consumer for a moment. */
const neededBad: Readonly<Record<Finding, number>> = {
  silent: 1,
  deaf: 2,
  canary: 1,
  stalled: badInARow,
  canarySlow: badInARow,
  lag: badInARow,
  memory: badInARow,
  slowness: badInARow,
  errors: badInARow,
};

const followed = (before: FindingMemory, look: Look, needed: number): FindingMemory => {
  if (look === undefined || (look.number === before.number && (look.bad === undefined || before.holds))) return before;
  if (look.number === before.number && before.contrary > 0) return before;
  const isBad = look.bad !== undefined;
  const words = look.bad ?? before.words;
  if (isBad === before.holds) return { holds: isBad, contrary: 0, number: look.number, words };
  const contrary = before.contrary + 1;
  const turns = contrary >= (isBad ? needed : goodInARow);
  return { holds: turns ? isBad : before.holds, contrary: turns ? 0 : contrary, number: look.number, words };
};

/**
 * Judges an agent.
 * @param before what was seen so far: the `memory` of the judgement before
 * @param round counts the looks
 */
export const judge = (before: StatusMemory, signals: AgentSignals, limits: StatusLimits, round: number): Judgement => {
  const looks = lookAt(signals, limits, round);
  const all = [...faults, ...measures];
  const memory: StatusMemory = Object.fromEntries(
    all.map((finding) => [finding, followed(before[finding] ?? unknown, looks[finding], neededBad[finding])]),
  );
  const reasonsOf = (findings: readonly Finding[]): string[] =>
    findings.flatMap((finding) => (memory[finding]?.holds === true ? [memory[finding].words] : []));
  const reasons = reasonsOf(all);
  const isUnhealthy = reasonsOf(faults).length > 0;
  return { status: isUnhealthy ? 'unhealthy' : reasons.length > 0 ? 'degraded' : 'healthy', reasons, memory };
};
