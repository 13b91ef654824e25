// Recurring sequences: steps that stand in one session, in this order, more often than chance has it.
import { type FinishedTask } from '@pulser/agent-runtime/skill';

import { succeeded, taskName } from '../history/history.js';
import { adjusted, binomialTail, falseReports, proportion, type Proportion } from '../statistics/proportions.policy.js';
import { chanceOfOrder, chanceOfSteps, firstOccurrence } from './sequence-chance.policy.js';
import type { Session } from './sessions.policy.js';

export interface Sequence {
  readonly steps: readonly string[];
  /** Sessions in which they stand in this order. */
  readonly support: number;
  /** Sessions that chance would give them, if tasks were spread evenly. */
  readonly expected: number;
  readonly lift: number;
  /** Share of false reports up to which this one would be made. */
  readonly adjusted_p: number;
  /** Sessions in which every step was completed. */
  readonly success: Proportion;
  /** Ids of the tasks of the first occurrence in each session. */
  readonly taskIds: readonly string[];
}

export interface MinedSequences {
  /** Sessions of two tasks or more: others cannot hold a sequence. */
  readonly sessions: number;
  /** Sequences that were held against chance. */
  readonly tests: number;
  readonly found: readonly Sequence[];
}

const maxSteps = 5;

/** Kinds of tasks that are looked at, the most frequent first: pairs of them are tested. */
const maxKinds = 60;

/** A part of a longer sequence is told only when it stands alone in one of five sessions or more. */
const partShare = 0.8;

interface Candidate {
  readonly steps: readonly string[];
  readonly within: readonly number[];
}

/**
 * Level by level: pairs first, then longer ones all of whose parts were found. One is found when it stands in `minSupport`
 * sessions, its steps come together more often than independent tasks would, each of them given the others, and more often
 * in this order than the orders of the same tasks would have it. Binomial tails with the mean chance of the sessions are
 * upper bounds of the exact ones (Hoeffding 1956, Annals of Mathematical Statistics 27, 713-721).
 */
export const mineSequences = (all: readonly Session[], minSupport: number): MinedSequences => {
  const sessions = all.filter(({ length }) => length >= 2);
  const space = new SequenceSpace(sessions);
  const found = new Map<string, Sequence>();
  let tests = 0;
  let level: readonly Candidate[] = space.pairs();
  for (let length = 2; length <= maxSteps && level.length > 0; length += 1) {
    tests += level.length;
    const frequent = level.filter(({ within }) => within.length >= minSupport);
    const corrected = adjusted(
      frequent.map((candidate) => space.pValue(candidate)),
      level.length,
    );
    const reported = frequent.filter((_candidate, index) => (corrected[index] ?? 1) <= falseReports);
    for (const candidate of reported)
      found.set(candidate.steps.join(' '), space.sequence(candidate, corrected[frequent.indexOf(candidate)] ?? 1));
    level = space.extensions(reported, found);
  }
  return { sessions: sessions.length, tests, found: withoutParts([...found.values()]) };
};

class SequenceSpace {
  private readonly items: readonly (readonly string[])[];
  private readonly shares = new Map<string, number>();
  private readonly kinds: readonly string[];

  constructor(private readonly sessions: readonly Session[]) {
    this.items = sessions.map((session) => session.map(taskName));
    const total = this.items.flat().length;
    for (const name of this.items.flat()) this.shares.set(name, (this.shares.get(name) ?? 0) + 1 / total);
    this.kinds = [...this.shares]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, maxKinds)
      .map(([name]) => name);
  }

  pairs(): Candidate[] {
    const everywhere = this.items.map((_items, index) => index);
    return this.kinds.flatMap((first) =>
      this.kinds.filter((second) => second !== first).map((second) => this.candidate([first, second], everywhere)),
    );
  }

  /** One step more, where all parts are found. */
  extensions(reported: readonly Candidate[], found: ReadonlyMap<string, Sequence>): Candidate[] {
    return reported.flatMap(({ steps, within }) =>
      this.kinds
        .filter((kind) => !steps.includes(kind))
        .map((kind) => [...steps, kind])
        .filter((longer) => partsOf(longer).every((part) => found.has(part.join(' '))))
        .map((longer) => this.candidate(longer, within)),
    );
  }

  /** The largest p-value of all conditions: each must be met. */
  pValue({ steps, within }: Candidate): number {
    return Math.max(
      this.orderByChance(steps, within.length),
      ...steps.map((step, index) =>
        this.stepByChance(
          step,
          steps.filter((_other, at) => at !== index),
          within.length,
        ),
      ),
    );
  }

  sequence({ steps, within }: Candidate, adjustedP: number): Sequence {
    const shares = steps.map((step) => this.shares.get(step) ?? 0);
    const expected = this.items.reduce((sum, { length }) => sum + chanceOfSteps(length, shares), 0);
    const occurrences = within.map((index) => this.occurrence(index, steps));
    return {
      steps,
      support: within.length,
      expected: Math.round(expected * 100) / 100,
      lift: Math.round((within.length / expected) * 100) / 100,
      adjusted_p: Number(adjustedP.toPrecision(3)),
      success: proportion(occurrences.filter((tasks) => tasks.every(succeeded)).length, within.length),
      taskIds: occurrences.flat().map(({ taskId }) => taskId),
    };
  }

  private candidate(steps: readonly string[], among: readonly number[]): Candidate {
    return { steps, within: among.filter((index) => firstOccurrence(this.items[index] ?? [], steps) !== undefined) };
  }

  private occurrence(index: number, steps: readonly string[]): FinishedTask[] {
    const places = firstOccurrence(this.items[index] ?? [], steps) ?? [];
    return places.flatMap((place) => this.sessions[index]?.[place] ?? []);
  }

  /** Of sessions that have all the steps: in this order. */
  private orderByChance(steps: readonly string[], support: number): number {
    const chances = this.items
      .map((items) => steps.map((step) => items.filter((item) => item === step).length))
      .filter((counts) => !counts.includes(0))
      .map(chanceOfOrder);
    return tail(chances, support);
  }

  /** Of sessions that have the others in order: this one stands there too, at any of the places that are left. */
  private stepByChance(step: string, others: readonly string[], support: number): number {
    const share = this.shares.get(step) ?? 0;
    const chances = this.items
      .filter((items) => firstOccurrence(items, others) !== undefined)
      .map((items) => 1 - (1 - share) ** (items.length - others.length));
    return tail(chances, support);
  }
}

const tail = (chances: readonly number[], observed: number): number => {
  const mean = chances.reduce((sum, chance) => sum + chance, 0) / chances.length;
  return binomialTail(chances.length, mean, observed);
};

const partsOf = (steps: readonly string[]): string[][] =>
  steps.map((_step, index) => steps.filter((_other, at) => at !== index));

const isPart = (part: readonly string[], whole: readonly string[]): boolean =>
  part.length < whole.length && firstOccurrence(whole, part) !== undefined;

const withoutParts = (found: readonly Sequence[]): Sequence[] =>
  found
    .filter(
      (part) => !found.some(({ steps, support }) => isPart(part.steps, steps) && support >= partShare * part.support),
    )
    .sort((a, b) => b.support - a.support || (a.steps.join() < b.steps.join() ? -1 : 1));
