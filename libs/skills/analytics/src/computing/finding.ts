// Values that stand out of a series, by the median and the median absolute deviation of what is left unexplained. A value
// must stand out twice: of the trend and season around it (STL, which outliers do not move), and of what the values before
// it lead to expect (MSTL). The first alone calls every bend of a trend an anomaly, the second what follows one.
// Runs in a process of its own: npm packages and relative files only.
import { mstlFitted } from '../models/augurs.js';
import type { TestedSeries } from '../models/back-test.policy.js';
import { type Season, seasonOf } from '../models/season.policy.js';
import { stl } from '../models/stl.policy.js';

export interface AnomaliesJob extends TestedSeries {
  readonly kind: 'anomalies';
  /** Steps, when the task names them. */
  readonly season: number | undefined;
  /** Lengths that the calendar suggests, in steps. */
  readonly suggestedSeasons: readonly number[];
  /** How many robust standard deviations are too many. */
  readonly threshold: number;
}

/** What the values are compared with. */
export type Expectation = 'mstl' | 'seasonal_median' | 'moving_median';

export interface Outlier {
  readonly index: number;
  /** Robust standard deviations from what is expected; its sign says where. */
  readonly score: number;
}

export interface AnomaliesFound {
  readonly season: Season;
  readonly expectation: Expectation;
  /** By value: what is expected, and the range that is usual around it. */
  readonly expected: readonly number[];
  readonly halfWidth: number;
  /** One robust standard deviation of what is left unexplained. */
  readonly sigma: number;
  readonly outliers: readonly Outlier[];
  /** More than half of the values are exactly as expected, so that any other stands out. */
  readonly isRigid: boolean;
}

const middle = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
};

/**
 * What makes the median absolute deviation the standard deviation of normal values: 1 / 0.6745 (Iglewicz and Hoaglin, "How
 * to Detect and Handle Outliers", 1993, who call a score beyond 3.5 an outlier).
 */
const madToSigma = 1.4826;

/** The median of a window around each value, which is shorter at the ends. */
const movingMedian = (values: readonly number[], width: number): number[] => {
  const half = Math.floor(width / 2);
  return values.map((_, at) => middle(values.slice(Math.max(0, at - half), at + half + 1)));
};

/** The moving median of a whole season, and the median of what each place of the season adds to it. */
const seasonalMedian = (values: readonly number[], season: number): number[] => {
  const trend = movingMedian(values, season % 2 === 0 ? season + 1 : season);
  const byPhase = Map.groupBy(values.keys(), (at) => at % season);
  const offsets = new Map(
    [...byPhase].map(([phase, places]) => [phase, middle(places.map((at) => (values[at] ?? 0) - (trend[at] ?? 0)))]),
  );
  return values.map((_, at) => (trend[at] ?? 0) + (offsets.get(at % season) ?? 0));
};

/** Steps of the moving median where there is no season. */
const medianWidth = 11;

/** Seasons that local regression must have seen to tell a season from noise. */
const minSeasons = 4;

const expectationFor = (count: number, season: number): Expectation => {
  if (season > 1 && count >= minSeasons * season) return 'mstl';
  return season > 1 && count >= 2 * season ? 'seasonal_median' : 'moving_median';
};

const expect = (how: Expectation, { values, known }: TestedSeries, season: number): readonly number[] => {
  switch (how) {
    case 'mstl': {
      const { trend, season: seasonal } = stl(values, known, season);
      return values.map((_, at) => (trend[at] ?? 0) + (seasonal[at] ?? 0));
    }
    case 'seasonal_median':
      return seasonalMedian(values, season);
    case 'moving_median':
      return movingMedian(values, medianWidth);
  }
};

/** What is left unexplained of the known values. */
interface Residuals {
  readonly median: number;
  readonly sigma: number;
  readonly isRigid: boolean;
  readonly of: (index: number) => number;
}

/** A spread of less than this share of the values is that of rounding, not of the series. */
const roundingShare = 1e-9;

const residualsOf = ({ values, known }: TestedSeries, expected: readonly number[]): Residuals => {
  const of = (index: number): number => (values[index] ?? 0) - (expected[index] ?? 0);
  const left = values.flatMap((_, index) => (known[index] === true ? [of(index)] : []));
  const median = middle(left);
  const mad = middle(left.map((value) => Math.abs(value - median)));
  const size = middle(values.map(Math.abs));
  // Where more than half of them are alike: the mean deviation (Iglewicz and Hoaglin), 1.2533 for a normal one.
  const mean = left.reduce((sum, value) => sum + Math.abs(value - median), 0) / left.length;
  const isRigid = mad <= size * roundingShare;
  return { median, sigma: isRigid ? mean * 1.2533 : mad * madToSigma, isRigid, of };
};

const outliersOf = ({ values, known }: TestedSeries, { of, median, sigma }: Residuals, threshold: number): Outlier[] =>
  sigma === 0
    ? []
    : values.flatMap((_, index) => {
        const score = (of(index) - median) / sigma;
        return known[index] === true && Math.abs(score) > threshold ? [{ index, score }] : [];
      });

/** Values that stand out pull what is expected of those behind them: so they are taken out, and it is computed anew. */
const maxRounds = 5;

const without = (values: readonly number[], outliers: readonly Outlier[], expected: readonly number[]): number[] => {
  const cleaned = [...values];
  for (const { index } of outliers) cleaned[index] = expected[index] ?? 0;
  return cleaned;
};

const sameAs = (one: readonly Outlier[], other: readonly Outlier[]): boolean =>
  one.length === other.length && one.every(({ index }, at) => other[at]?.index === index);

/** What is expected of each value, how far the values are from it, and which stand out. */
interface Comparison {
  readonly expected: readonly number[];
  readonly residuals: Residuals;
  readonly outliers: readonly Outlier[];
}

const compared = (job: AnomaliesJob, expected: readonly number[]): Comparison => {
  const residuals = residualsOf(job, expected);
  return { expected, residuals, outliers: outliersOf(job, residuals, job.threshold) };
};

/** As the past leads to expect, from a first comparison that outliers did not move. */
const byThePast = (job: AnomaliesJob, first: Comparison, season: number): Comparison => {
  let last = first;
  for (let round = 0; round < maxRounds; round += 1) {
    const next = compared(job, mstlFitted(without(job.values, last.outliers, last.expected), season));
    const isStable = sameAs(next.outliers, last.outliers);
    last = next;
    if (isStable) break;
  }
  const around = new Set(first.outliers.map(({ index }) => index));
  return { ...last, outliers: last.outliers.filter(({ index }) => around.has(index)) };
};

/** Finds the values that stand out of a series. @throws when MSTL cannot be fitted to it */
export const anomaliesIn = (job: AnomaliesJob): AnomaliesFound => {
  const season = seasonOf(job.values, job.suggestedSeasons, job.season);
  const expectation = expectationFor(job.values.length, season.length);
  const around = compared(job, expect(expectation, job, season.length));
  const { expected, residuals, outliers } = expectation === 'mstl' ? byThePast(job, around, season.length) : around;
  const { sigma, median, isRigid } = residuals;
  return {
    season,
    expectation,
    expected: expected.map((value) => value + median),
    halfWidth: sigma * job.threshold,
    sigma,
    outliers,
    isRigid,
  };
};
