// Both sides of a comparison as the statement added them up, with what has to be said about their rows.
import { TaskError } from '@pulser/agent-runtime/skill';
import type { Rows } from '@pulser/data-sandbox';

import { maxValues } from './change-query.js';
import { amountsFrom, type Explained, grossOf, type Part, ratiosOf } from './contributions.policy.js';
import { amountScale } from './exact-decimal.policy.js';
import type { ExplainChangeInput } from './explain-change-contract.js';

type Cells = readonly unknown[];

const partFrom = ([, value, isRest, values, ...sums]: Cells): Part => ({
  value: typeof value === 'string' ? value : null,
  isRest: isRest === true,
  values: Number(values),
  ...amountsFrom(sums.slice(0, 4)),
  rowsBefore: Number(sums[4]),
  rowsAfter: Number(sums[5]),
});

/** What the rows are like, beside their sums. */
export interface Facts {
  readonly neither: number;
  readonly in_both: number;
  readonly unreadable: number;
  readonly missing: number;
  readonly rounded: number;
}

/** Both sides, and their values by dimension. */
export interface Compared {
  readonly whole: Part;
  readonly facts: Facts;
  readonly parts: readonly (readonly Part[])[];
}

/** Reads the rows of {@link changeQuery}. */
export const comparedOf = ({ rows }: Rows, { dimensions }: ExplainChangeInput): Compared => {
  const [first = [], ...others] = rows as readonly Cells[];
  const facts = (typeof first[1] === 'string' ? JSON.parse(first[1]) : {}) as Facts;
  const parts = dimensions.map((_, at) => others.filter(([dimension]) => Number(dimension) === at).map(partFrom));
  return { whole: partFrom(first), facts, parts };
};

const refused = (message: string, details: Readonly<Record<string, unknown>> = {}): TaskError =>
  new TaskError('invalid_payload', message, { details });

const sideInWords = (side: unknown): string => JSON.stringify(side);

/** @throws TaskError `invalid_payload` when a side has no rows, or a row is in both */
export const checkSides = ({ compare }: ExplainChangeInput, { whole, facts }: Compared): void => {
  if (facts.in_both > 0)
    throw refused(`${facts.in_both} rows are both before and after: let the sides of compare not overlap`);
  for (const [name, side, rows] of [
    ['before', compare.before, whole.rowsBefore],
    ['after', compare.after, whole.rowsAfter],
  ] as const) {
    if (rows === 0) throw refused(`No row is ${name}: ${compare.column} is never ${sideInWords(side)}`, { side: name });
  }
};

/** @throws TaskError `invalid_payload` for values that are no numbers, and a ratio by 0 */
export const checkAmounts = ({ metric }: ExplainChangeInput, { whole, facts }: Compared): void => {
  if (facts.unreadable > 0) {
    throw refused(`${facts.unreadable} rows have a value that is no number below 10^28: leave them out with WHERE`);
  }
  if (metric.kind === 'ratio' && ratiosOf(whole) === undefined) {
    throw refused(`The sum of ${metric.denominator} is 0 before or after: there is no ratio to compare`);
  }
};

const words = (count: number): string => (count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`);

/** What a reader must know beside the figures. */
export const notesOn = (
  { facts, parts, whole }: Compared,
  { dimensions }: ExplainChangeInput,
  explained: readonly Explained[],
): string[] => {
  const nets = explained.map((one) => grossOf(one));
  return [
    ...(facts.missing === 0 ? [] : [`${words(facts.missing)} without a value of the metric count as 0`]),
    ...(facts.rounded === 0 ? [] : [`The values of ${words(facts.rounded)} were rounded to ${amountScale} decimals`]),
    ...parts.flatMap((some, at) =>
      some.some(({ isRest }) => isRest)
        ? [
            `${dimensions[at] ?? ''} has more than ${maxValues.toLocaleString('en')} values: those with the smallest changes are added up as one`,
          ]
        : [],
    ),
    ...(whole.amountBefore === whole.amountAfter && nets.some((net) => net > 0n)
      ? ['The whole did not change; its parts did']
      : []),
  ];
};
