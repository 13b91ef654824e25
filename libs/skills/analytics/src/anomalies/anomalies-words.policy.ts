// What the operation `anomalies` says in words.
import type { AnomaliesFound } from '../computing/finding.js';

/** Four digits say enough of a value here; the result has all of them. */
const digits = (value: number): string => String(Number(value.toPrecision(4)));

const wayOf = {
  mstl: (season) => `the values before it and the season of ${season} steps lead to expect`,
  seasonal_median: (season) => `is usual at its place in the season of ${season} steps`,
  moving_median: () => 'its neighbours lead to expect',
} as const satisfies Record<AnomaliesFound['expectation'], (season: number) => string>;

/** Why a value stands out. */
export const whyOf = (
  { expectation, season, halfWidth }: AnomaliesFound,
  value: number,
  expected: number,
  score: number,
): string => {
  const side = score > 0 ? 'above' : 'below';
  const way = wayOf[expectation](season.length);
  return `${digits(value)} is ${Math.abs(score).toFixed(1)} robust standard deviations ${side} the ${digits(expected)} that ${way}; from ${digits(expected - halfWidth)} to ${digits(expected + halfWidth)} would be usual`;
};

export const reasonFor = ({ outliers, sigma }: AnomaliesFound, values: number, threshold: number): string =>
  outliers.length === 0
    ? `None of ${values} values is more than ${threshold} robust standard deviations (of ${digits(sigma)}) from what is expected`
    : `${outliers.length} of ${values} values are more than ${threshold} robust standard deviations (of ${digits(sigma)}) from what is expected`;

/** More than this share, and the threshold or the model is wrong rather than the values. */
const manyShare = 0.05;

/** What a reader must know beside the figures. */
export const anomalyNotes = ({ isRigid, outliers, expectation, season }: AnomaliesFound, values: number): string[] => [
  ...(expectation === 'mstl'
    ? []
    : ['There are fewer than four seasons, or none: compared with medians instead of a model']),
  ...(isRigid ? ['More than half of the values are exactly as expected, so that any other stands out'] : []),
  ...(outliers.length > values * manyShare
    ? ['More than 5 % of the values stand out: the series changed its ways, or the threshold is too low for it']
    : []),
  ...(season.source === 'none' ? ['No season was found'] : []),
];
