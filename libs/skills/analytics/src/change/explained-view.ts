// The parts of a difference as the result shows them: decimals with all their digits, and the order of the dimensions.
import {
  type Amounts,
  type Contribution,
  type Explained,
  explainedRatio,
  explainedSum,
  type Part,
  ratiosOf,
} from './contributions.policy.js';
import type { Compared } from './comparison.js';
import { amountScale, decimalOf, ratioScale } from './exact-decimal.policy.js';
import type { ExplainChangeInput, ExplainChangeResult } from './explain-change-contract.js';

/** Units of a metric's numbers, and its values before and after. */
export interface Measure {
  readonly scale: number;
  readonly before: bigint;
  readonly after: bigint;
  readonly explain: (parts: readonly Part[]) => Explained;
  readonly of: (amounts: Amounts) => { readonly before: bigint; readonly after: bigint } | undefined;
}

export const measureOf = ({ metric, top }: ExplainChangeInput, { whole }: Compared): Measure => {
  const ratios = metric.kind === 'ratio' ? ratiosOf(whole) : undefined;
  if (ratios === undefined) {
    const of = ({ amountBefore, amountAfter }: Amounts): { before: bigint; after: bigint } => ({
      before: amountBefore,
      after: amountAfter,
    });
    return { scale: amountScale, ...of(whole), explain: (parts) => explainedSum(parts, top), of };
  }
  const change = ratios.after - ratios.before;
  return {
    scale: ratioScale,
    ...ratios,
    explain: (parts) => explainedRatio(parts, whole, change, top),
    of: ratiosOf,
  };
};

type Line = Omit<ExplainChangeResult['dimensions'][number]['contributors'][number], 'value' | 'status'>;

const sumOf = (parts: readonly Part[]): Amounts => ({
  amountBefore: parts.reduce((sum, part) => sum + part.amountBefore, 0n),
  amountAfter: parts.reduce((sum, part) => sum + part.amountAfter, 0n),
  divisorBefore: parts.reduce((sum, part) => sum + part.divisorBefore, 0n),
  divisorAfter: parts.reduce((sum, part) => sum + part.divisorAfter, 0n),
});

const lineOf = (measure: Measure, amounts: Amounts, { change, rate, mix }: Contribution): Line => {
  const { scale, before, after } = measure;
  const sides = measure.of(amounts) ?? oneSide(amounts);
  const write = (units: bigint): string => decimalOf(units, scale);
  const whole = after - before;
  return {
    before: sides.before === undefined ? null : write(sides.before),
    after: sides.after === undefined ? null : write(sides.after),
    change: write(change),
    share: whole === 0n ? null : Number(change) / Number(whole),
    ...(rate !== undefined && { rate: write(rate) }),
    ...(mix !== undefined && { mix: write(mix) }),
  };
};

/** The ratio of the side that has a denominator. */
const oneSide = ({
  amountBefore,
  amountAfter,
  divisorBefore,
  divisorAfter,
}: Amounts): { before?: bigint; after?: bigint } => {
  const twice = (amount: bigint, divisor: bigint): bigint | undefined =>
    ratiosOf({ amountBefore: amount, amountAfter: amount, divisorBefore: divisor, divisorAfter: divisor })?.before;
  const [before, after] = [twice(amountBefore, divisorBefore), twice(amountAfter, divisorAfter)];
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
};

const statusOf = ({ rowsBefore, rowsAfter }: Part): 'both' | 'new' | 'vanished' => {
  if (rowsBefore === 0) return 'new';
  return rowsAfter === 0 ? 'vanished' : 'both';
};

export type Dimension = ExplainChangeResult['dimensions'][number];

export const dimensionOf = (
  dimension: string,
  parts: readonly Part[],
  explained: Explained,
  measure: Measure,
  shift: number | null,
): Dimension => {
  const { listed, others } = explained;
  const count = (some: readonly Part[]): number => some.reduce((sum, { values }) => sum + values, 0);
  return {
    dimension,
    values: count(parts),
    shift,
    contributors: listed.map(({ part, contribution }) => ({
      value: part.value,
      status: statusOf(part),
      ...lineOf(measure, part, contribution),
    })),
    others:
      others === null
        ? null
        : { values: count(others.parts), ...lineOf(measure, sumOf(others.parts), others.contribution) },
  };
};

/** The dimension that tells most comes first. */
export const ordered = (dimensions: readonly { readonly view: Dimension; readonly gross: bigint }[]): Dimension[] =>
  dimensions
    .toSorted((one, other) =>
      one.view.shift !== null && other.view.shift !== null
        ? other.view.shift - one.view.shift
        : Number(other.gross > one.gross) - Number(one.gross > other.gross),
    )
    .map(({ view }) => view);
