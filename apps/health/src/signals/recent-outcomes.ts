// What the tasks of one agent did lately, from counts that only grow: how many of the last hundred succeeded, and how long
// operations take in terms of what they usually take.
import type { MinuteActivity } from '@pulser/context-bus';
import { z } from 'zod';

import type { Measurement } from '../status/status.policy.js';

/** Tasks of the window of success. */
const windowTasks = 100;
/** Fewer tasks say nothing of a rate. */
const minTasks = 20;
/** Fewer tasks say nothing of a mean run time. */
const minTimed = 10;
/** Weight of the newest measurement in what an operation usually takes: an hour's work at twelve a minute. */
const weight = 1 / 120;
/** Measurements after which it is known what an operation usually takes. */
const minKnown = 6;
/** Below, a run time is noise of the clock. Milliseconds. */
const shortestMs = 2;
/** Operations of an agent whose usual times are kept. */
const maxOperations = 500;

const Usual = z.object({ logMs: z.number(), known: z.int() });

/** What is kept of it for the next leader. */
export const OutcomesMemory = z.object({
  chunks: z.array(z.tuple([z.number(), z.number()])),
  usual: z.record(z.string(), Usual),
});
export type OutcomesMemory = z.infer<typeof OutcomesMemory>;

interface Counted {
  readonly completed: number;
  readonly failed: number;
  readonly runLogs: number;
}

interface Timed {
  tasks: number;
  runLogs: number;
}

// Of run times it is the geometric mean: one task that had to wait for something, as the first one of a sandbox does, hardly
// moves it, and all of them taking twice as long doubles it.
const logMsOf = ({ tasks, runLogs }: Timed): number => Math.max(Math.log(shortestMs), runLogs / tasks);

const zero: Counted = { completed: 0, failed: 0, runLogs: 0 };

const minuteKey = ({ taskType, operation, minuteS }: MinuteActivity): string => `${taskType} ${operation} ${minuteS}`;

/** The last tasks of one agent. */
export class RecentOutcomes {
  /** Succeeded and failed, the newest last. */
  private chunks: [number, number][];
  private readonly usual: Map<string, z.infer<typeof Usual>>;
  private before: ReadonlyMap<string, Counted> | undefined;
  private readonly timed = new Map<string, Timed>();
  private errorsNumber = 0;
  private slow: Measurement | undefined;

  constructor(memory: OutcomesMemory = { chunks: [], usual: {} }) {
    this.chunks = memory.chunks;
    this.usual = new Map(Object.entries(memory.usual));
  }

  get memory(): OutcomesMemory {
    return { chunks: this.chunks, usual: Object.fromEntries(this.usual) };
  }

  /**
   * Takes the counts of the present minutes, over all tenants. The first call only sets where counting begins.
   * @param learns whether what is measured is usual: not while the agent is not well
   */
  add(minutes: readonly MinuteActivity[], learns: boolean): void {
    const now = new Map(minutes.map((one) => [minuteKey(one), one]));
    if (this.before !== undefined) this.happened([...now.values()], this.before, learns);
    this.before = now;
  }

  /** Share of the last hundred tasks that succeeded; undefined while there are few. */
  get success(): number | undefined {
    const [succeeded, failed] = this.lastHundred;
    return succeeded + failed < minTasks ? undefined : succeeded / (succeeded + failed);
  }

  /** Share of the last hundred tasks that failed. */
  get errors(): Measurement | undefined {
    const { success } = this;
    return success === undefined ? undefined : { value: 1 - success, number: this.errorsNumber };
  }

  /** The geometric mean of run times in terms of the usual one, over some tasks at least; undefined until it is known. */
  get slowness(): Measurement | undefined {
    return this.slow;
  }

  private get lastHundred(): readonly [number, number] {
    let [succeeded, failed] = [0, 0];
    for (const [good, bad] of this.chunks.toReversed()) {
      // Of the oldest chunk a part counts.
      const part = Math.min(1, (windowTasks - succeeded - failed) / (good + bad));
      succeeded += good * part;
      failed += bad * part;
      if (succeeded + failed >= windowTasks) break;
    }
    return [succeeded, failed];
  }

  private happened(now: readonly MinuteActivity[], before: ReadonlyMap<string, Counted>, learns: boolean): void {
    let [good, bad] = [0, 0];
    for (const one of now) {
      const was = before.get(minuteKey(one)) ?? zero;
      const completed = one.completed - was.completed;
      good += completed;
      bad += one.failed - was.failed;
      if (completed > 0) this.time(`${one.taskType} ${one.operation}`, completed, one.runLogs - was.runLogs);
    }
    if (good + bad > 0) this.count(good, bad);
    this.measure(learns);
  }

  private count(good: number, bad: number): void {
    this.errorsNumber += 1;
    this.chunks.push([good, bad]);
    let tasks = 0;
    const oldest = this.chunks.findLastIndex(([succeeded, failed]) => (tasks += succeeded + failed) >= windowTasks);
    if (oldest > 0) this.chunks = this.chunks.slice(oldest);
  }

  private time(operation: string, tasks: number, runLogs: number): void {
    const timed = this.timed.get(operation) ?? { tasks: 0, runLogs: 0 };
    timed.tasks += tasks;
    timed.runLogs += runLogs;
    this.timed.set(operation, timed);
  }

  /** When enough tasks of known operations have come together. */
  private measure(learns: boolean): void {
    const tasks = [...this.timed.values()].reduce((sum, one) => sum + one.tasks, 0);
    if (tasks < minTimed) return;
    const known = [...this.timed].flatMap(([operation, timed]) => {
      const usual = this.usual.get(operation);
      if (usual === undefined || usual.known < minKnown) return [];
      return [{ count: timed.tasks, times: Math.exp(logMsOf(timed) - usual.logMs) }];
    });
    const counted = known.reduce((sum, { count }) => sum + count, 0);
    if (counted * 2 >= tasks) this.slow = { value: median(known, counted), number: (this.slow?.number ?? 0) + 1 };
    if (learns) this.learn();
    this.timed.clear();
  }

  private learn(): void {
    for (const [operation, timed] of this.timed) {
      const logMs = logMsOf(timed);
      const { logMs: before, known } = this.usual.get(operation) ?? { logMs, known: 0 };
      // The first ones are slow, with code that is not compiled and files that are not cached: only the latest of them counts.
      const share = known < minKnown ? 1 : Math.max(weight, 1 / (known - minKnown + 2));
      if (this.usual.size < maxOperations || known > 0)
        this.usual.set(operation, { logMs: before + share * (logMs - before), known: Math.min(known + 1, 1 / weight) });
    }
  }
}

/** The median over tasks. */
const median = (known: readonly { readonly count: number; readonly times: number }[], counted: number): number => {
  let seen = 0;
  const sorted = known.toSorted((a, b) => a.times - b.times);
  return sorted.find(({ count }) => (seen += count) * 2 >= counted)?.times ?? 1;
};
