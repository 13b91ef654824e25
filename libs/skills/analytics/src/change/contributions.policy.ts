// How much of a difference each value of a dimension makes, so that all of them sum to it exactly.
//
// A sum: each adds the difference of its own sums. A ratio R = N / D of a whole with parts i of weight w = D_i / D and ratio
// r = N_i / D_i: rate_i = (r1 - r0) (w0 + w1) / 2 and mix_i = (w1 - w0) ((r0 + r1) / 2 - (R0 + R1) / 2), the midpoint form of
// Kitagawa's decomposition ("Components of a Difference Between Two Rates", Journal of the American Statistical Association
// 50, 1955). A part that is on one side only has no second ratio: it counts as unchanged, so that all of it is mix.
import { amountScale, ratioScale, roundedParts, roundedTo, unitsOf, workingScale } from './exact-decimal.policy.js';

/** Sums of both sides, in units of 10^-10. */
export interface Amounts {
  readonly amountBefore: bigint;
  readonly amountAfter: bigint;
  readonly divisorBefore: bigint;
  readonly divisorAfter: bigint;
}

/** A value of a dimension, or several as one. */
export interface Part extends Amounts {
  readonly value: string | null;
  /** Values in it: more than 1 for those that were not added up one by one. */
  readonly values: number;
  readonly isRest: boolean;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

/** The sums of a row of the statement. */
export const amountsFrom = (cells: readonly unknown[]): Amounts => {
  const [amountBefore = 0n, amountAfter = 0n, divisorBefore = 0n, divisorAfter = 0n] = cells.map((cell) =>
    unitsOf(String(cell), amountScale),
  );
  return { amountBefore, amountAfter, divisorBefore, divisorAfter };
};

/** What a part adds, in units of the scale of the metric. */
export interface Contribution {
  readonly change: bigint;
  readonly rate?: bigint;
  readonly mix?: bigint;
}

const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

const size = (value: bigint): bigint => (value < 0n ? -value : value);

/** In the order of their size. */
const bySize = <T>(items: readonly T[], change: (item: T) => bigint): T[] =>
  items.toSorted((one, other) => {
    const [a, b] = [size(change(one)), size(change(other))];
    return Number(b > a) - Number(a > b);
  });

/** The listed values and, as one, the others. */
export interface Explained {
  readonly listed: readonly { readonly part: Part; readonly contribution: Contribution }[];
  readonly others: { readonly parts: readonly Part[]; readonly contribution: Contribution } | null;
}

const split = (
  parts: readonly Part[],
  top: number,
  change: (part: Part) => bigint,
): { listed: Part[]; rest: Part[] } => {
  const ordered = bySize(
    parts.filter(({ isRest }) => !isRest),
    change,
  );
  // One value that is left over is named rather than called others.
  const count = ordered.length === top + 1 && parts.length === ordered.length ? top + 1 : top;
  const listed = ordered.slice(0, count);
  return { listed, rest: parts.filter((part) => !listed.includes(part)) };
};

const added = ({ amountBefore, amountAfter }: Amounts): bigint => amountAfter - amountBefore;

/** Of a sum or a count. */
export const explainedSum = (parts: readonly Part[], top: number): Explained => {
  const { listed, rest } = split(parts, top, added);
  return {
    listed: listed.map((part) => ({ part, contribution: { change: added(part) } })),
    others: rest.length === 0 ? null : { parts: rest, contribution: { change: total(rest.map(added)) } },
  };
};

const one = 10n ** BigInt(workingScale);

/** A quotient in units of 10^-30. */
const quotient = (dividend: bigint, divisor: bigint): bigint => (dividend * one) / divisor;

/** The ratios of the whole, in units of 10^-12. @returns undefined when it has no denominator on one side */
export const ratiosOf = ({
  amountBefore,
  amountAfter,
  divisorBefore,
  divisorAfter,
}: Amounts): { before: bigint; after: bigint } | undefined =>
  divisorBefore === 0n || divisorAfter === 0n
    ? undefined
    : {
        before: roundedTo(quotient(amountBefore, divisorBefore), workingScale, ratioScale),
        after: roundedTo(quotient(amountAfter, divisorAfter), workingScale, ratioScale),
      };

/** A part's ratios, of which one stands in for the other where that is missing. */
const ratesOf = ({
  amountBefore,
  amountAfter,
  divisorBefore,
  divisorAfter,
}: Amounts): readonly [bigint, bigint] | undefined => {
  const before = divisorBefore === 0n ? undefined : quotient(amountBefore, divisorBefore);
  const after = divisorAfter === 0n ? undefined : quotient(amountAfter, divisorAfter);
  const [first, second] = [before ?? after, after ?? before];
  return first === undefined || second === undefined ? undefined : [first, second];
};

/** Unrounded, in units of 10^-30. */
const ratioContribution = (part: Part, whole: Amounts): Required<Contribution> => {
  const mean =
    (quotient(whole.amountBefore, whole.divisorBefore) + quotient(whole.amountAfter, whole.divisorAfter)) / 2n;
  const weights = quotient(part.divisorAfter, whole.divisorAfter) - quotient(part.divisorBefore, whole.divisorBefore);
  const own = quotient(part.amountAfter, whole.divisorAfter) - quotient(part.amountBefore, whole.divisorBefore);
  const change = own - (weights * mean) / one;
  const rates = ratesOf(part);
  const mix = rates === undefined ? 0n : (weights * ((rates[0] + rates[1]) / 2n - mean)) / one;
  return { change, rate: change - mix, mix };
};

/** Of a ratio: every number rounded to 10^-12 so that rates and mixes sum to the printed change. */
export const explainedRatio = (parts: readonly Part[], whole: Amounts, change: bigint, top: number): Explained => {
  const known = new Map(parts.map((part) => [part, ratioContribution(part, whole)]));
  const of = (part: Part): Required<Contribution> => known.get(part) ?? ratioContribution(part, whole);
  const { listed, rest } = split(parts, top, (part) => of(part).change);
  const others = {
    rate: total(rest.map((part) => of(part).rate)),
    mix: total(rest.map((part) => of(part).mix)),
  };
  const cells = [...listed.map(of), ...(rest.length === 0 ? [] : [others])].flatMap(({ rate, mix }) => [rate, mix]);
  const rounded = roundedParts(cells, change, workingScale, ratioScale);
  const at = (index: number): Required<Contribution> => {
    const [rate, mix] = [rounded[index * 2] ?? 0n, rounded[index * 2 + 1] ?? 0n];
    return { change: rate + mix, rate, mix };
  };
  return {
    listed: listed.map((part, index) => ({ part, contribution: at(index) })),
    others: rest.length === 0 ? null : { parts: rest, contribution: at(listed.length) },
  };
};

/**
 * How much the shares of the values have changed: the total variation distance of the two distributions.
 * @returns null when they are none, because of negative values or an empty side
 */
export const shiftOf = (parts: readonly Part[], whole: Amounts): number | null => {
  const { amountBefore: before, amountAfter: after } = whole;
  if (before <= 0n || after <= 0n) return null;
  if (parts.some(({ amountBefore, amountAfter }) => amountBefore < 0n || amountAfter < 0n)) return null;
  const differences = parts.map((part) => size(part.amountAfter * before - part.amountBefore * after));
  return Number(quotient(total(differences), 2n * before * after)) / Number(one);
};

/** How much the parts add, whatever the sign. */
export const grossOf = ({ listed, others }: Explained): bigint =>
  total([...listed.map(({ contribution }) => size(contribution.change)), size(others?.contribution.change ?? 0n)]);
