// What successes and failures of one kind of task differ in: fields of the payload, priority, agent. What goes together need
// not be the cause.
import type { FinishedTask } from '@pulser/agent-runtime/skill';

import { fieldsOf, groupBy, judged, succeeded, taskName } from '../history/history.js';
import { quantile } from '../statistics/quantiles.policy.js';
import { adjusted, falseReports, fisher, proportion, type Proportion } from '../statistics/proportions.policy.js';

export interface SuccessFactor {
  /** `task_type.operation` */
  readonly task: string;
  /** Path in the payload; `(priority)` and `(agent)` are the task's own. */
  readonly field: string;
  /** The value that differs most from all others. */
  readonly value: string;
  readonly with_value: Proportion;
  readonly with_others: Proportion;
  readonly adjusted_p: number;
  /** Successes by value of the field, the most frequent values first. */
  readonly by_value: readonly ({ readonly value: string } & Proportion)[];
  /** Tasks with the value. */
  readonly taskIds: readonly string[];
}

export interface MinedFactors {
  readonly tests: number;
  readonly found: readonly SuccessFactor[];
  /** Kinds of tasks with too few successes or failures. */
  readonly tooLittle: readonly string[];
}

/** Of each outcome, a kind of task must have so many. */
const minOutcomes = 5;

const maxFields = 64;
const maxValuesTold = 8;

/** From so many different numbers on, a field is split at its median instead of being taken value by value. */
const minNumbers = 6;

interface Value {
  readonly field: string;
  readonly value: string;
  readonly with: readonly FinishedTask[];
  readonly without: readonly FinishedTask[];
  readonly p: number;
  readonly values: ReadonlyMap<string, readonly FinishedTask[]>;
}

/** Fisher's exact test for each value against all others, of all kinds of tasks, adjusted for the number of tests together. */
export const mineFactors = (tasks: readonly FinishedTask[], minEvidence: number): MinedFactors => {
  const kinds = [...groupBy(judged(tasks), taskName)];
  const [enough, tooFew] = [
    kinds.filter(([, ofKind]) => hasBoth(ofKind, minEvidence)),
    kinds.filter(([, ofKind]) => !hasBoth(ofKind, minEvidence)),
  ];
  const tested = enough.flatMap(([task, ofKind]) => valuesOf(ofKind, minEvidence).map((value) => ({ task, ...value })));
  const corrected = adjusted(
    tested.map(({ p }) => p),
    tested.length,
  );
  const significant = tested
    .map((value, index) => ({ ...value, adjustedP: corrected[index] ?? 1 }))
    .filter(({ adjustedP }) => adjustedP <= falseReports)
    .sort((a, b) => a.p - b.p);
  const best = new Map<string, (typeof significant)[number]>();
  for (const value of significant) {
    const key = `${value.task} ${value.field}`;
    if (!best.has(key)) best.set(key, value);
  }
  return {
    tests: tested.length,
    found: [...best.values()].map(factorOf),
    tooLittle: tooFew.map(([task]) => task),
  };
};

const hasBoth = (tasks: readonly FinishedTask[], minEvidence: number): boolean => {
  const successes = tasks.filter(succeeded).length;
  return tasks.length >= 2 * minEvidence && successes >= minOutcomes && tasks.length - successes >= minOutcomes;
};

const absent = '(absent)';

const valuesOf = (tasks: readonly FinishedTask[], minEvidence: number): Value[] => {
  const fields = tasks.map((task) => ({ task, fields: withOwn(task) }));
  const paths = [...new Set(fields.flatMap((one) => [...one.fields.keys()]))].slice(0, maxFields);
  return paths.flatMap((field) => {
    const given = fields.map((one) => ({ task: one.task, value: one.fields.get(field) ?? absent }));
    const values = new Map(
      [...groupBy(splitNumbers(given), ({ value }) => value)].map(([value, all]) => [
        value,
        all.map(({ task }) => task),
      ]),
    );
    return tests(field, values, tasks, minEvidence);
  });
};

const withOwn = (task: FinishedTask): ReadonlyMap<string, string> =>
  new Map([...fieldsOf(task), ['(priority)', task.priority], ['(agent)', task.agent]]);

interface Given {
  readonly task: FinishedTask;
  readonly value: string;
}

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text));

const splitNumbers = (given: readonly Given[]): readonly Given[] => {
  const numbers = given.filter(({ value }) => isNumber(value)).map(({ value }) => Number(value));
  const present = given.filter(({ value }) => value !== absent).length;
  if (numbers.length < present || new Set(numbers).size < minNumbers) return given;
  const median = quantile(
    numbers.sort((a, b) => a - b),
    0.5,
  );
  return given.map(({ task, value }) => ({
    task,
    value: value === absent ? absent : Number(value) <= median ? `at most ${median}` : `more than ${median}`,
  }));
};

const tests = (
  field: string,
  values: ReadonlyMap<string, readonly FinishedTask[]>,
  tasks: readonly FinishedTask[],
  minEvidence: number,
): Value[] => {
  const frequent = [...values].filter(
    ([, having]) => having.length >= minEvidence && tasks.length - having.length >= minEvidence,
  );
  // Of two values each is the other's complement: one test.
  const distinct = values.size === 2 ? frequent.slice(0, 1) : frequent;
  return distinct.map(([value, having]) => {
    const ids = new Set(having.map(({ taskId }) => taskId));
    const others = tasks.filter(({ taskId }) => !ids.has(taskId));
    const [successes, otherSuccesses] = [having.filter(succeeded).length, others.filter(succeeded).length];
    const p = fisher({
      withSuccesses: successes,
      withFailures: having.length - successes,
      withoutSuccesses: otherSuccesses,
      withoutFailures: others.length - otherSuccesses,
    });
    return { field, value, with: having, without: others, p, values };
  });
};

const share = (tasks: readonly FinishedTask[]): Proportion => proportion(tasks.filter(succeeded).length, tasks.length);

const factorOf = (found: Value & { readonly task: string; readonly adjustedP: number }): SuccessFactor => ({
  task: found.task,
  field: found.field,
  value: found.value,
  with_value: share(found.with),
  with_others: share(found.without),
  adjusted_p: Number(found.adjustedP.toPrecision(3)),
  by_value: [...found.values]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, maxValuesTold)
    .map(([value, having]) => ({ value, ...share(having) })),
  taskIds: found.with.map(({ taskId }) => taskId),
});
