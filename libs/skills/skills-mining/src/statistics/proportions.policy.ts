// Shares of successes, and how likely they are by chance. Exact where counts are small, which is the usual case here.

/** Successes among trials, with the 95 % interval of the true share. */
export interface Proportion {
  readonly successes: number;
  readonly trials: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % quantile of the normal distribution: two-sided 95 %. */
const z = 1.959_963_984_540_054;

const rounded = (share: number): number => Math.round(share * 10_000) / 10_000;

/**
 * A share with its Wilson score interval: Wilson (1927), Probable inference, the law of succession, and statistical
 * inference, JASA 22, 209-212: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Four decimals.
 * @throws RangeError without trials, or with more successes than trials
 */
export const proportion = (successes: number, trials: number): Proportion => {
  if (!(trials > 0) || successes < 0 || successes > trials) throw new RangeError('No share without trials');
  const p = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const centre = p + z ** 2 / (2 * trials);
  const spread = z * Math.sqrt((p * (1 - p)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    successes,
    trials,
    rate: rounded(p),
    low: rounded(Math.max(0, (centre - spread) / scale)),
    high: rounded(Math.min(1, (centre + spread) / scale)),
  };
};

const logFactorials = [0];

const logFactorial = (n: number): number => {
  for (let k = logFactorials.length; k <= n; k += 1) logFactorials.push((logFactorials[k - 1] ?? 0) + Math.log(k));
  return logFactorials[n] ?? 0;
};

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** P(X >= k) of a binomial distribution: k or more successes in n trials of probability p. */
export const binomialTail = (n: number, p: number, k: number): number => {
  if (k <= 0 || p >= 1) return 1;
  if (k > n || p <= 0) return 0;
  let tail = 0;
  for (let i = k; i <= n; i += 1) tail += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log1p(-p));
  return Math.min(1, tail);
};

/** Successes and failures with something and without it. */
export interface FourfoldTable {
  readonly withSuccesses: number;
  readonly withFailures: number;
  readonly withoutSuccesses: number;
  readonly withoutFailures: number;
}

/**
 * Two-sided p-value of Fisher's exact test: Fisher (1922), On the interpretation of χ² from contingency tables, JRSS 85,
 * 87-94; the sum of the hypergeometric probabilities of all tables with the same margins that are as rare or rarer.
 */
export const fisher = (table: FourfoldTable): number => {
  const { withSuccesses, withFailures, withoutSuccesses, withoutFailures } = table;
  const withAll = withSuccesses + withFailures;
  const withoutAll = withoutSuccesses + withoutFailures;
  const successes = withSuccesses + withoutSuccesses;
  const all = logChoose(withAll + withoutAll, successes);
  const logProbability = (k: number): number => logChoose(withAll, k) + logChoose(withoutAll, successes - k) - all;
  // Tables of the same probability differ in the last digits.
  const limit = logProbability(withSuccesses) + 1e-7;
  let p = 0;
  for (let k = Math.max(0, successes - withoutAll); k <= Math.min(withAll, successes); k += 1) {
    const log = logProbability(k);
    if (log <= limit) p += Math.exp(log);
  }
  return Math.min(1, p);
};

/**
 * Adjusted p-values: whoever reports those of at most q is wrong in a share of q of its reports, on average. Benjamini and
 * Hochberg (1995), Controlling the false discovery rate, JRSS B 57, 289-300.
 * @param tests how many were made: more than `pValues` when those that could not be small were left out
 */
export const adjusted = (pValues: readonly number[], tests: number): number[] => {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const result = new Array<number>(pValues.length).fill(1);
  let lowest = 1;
  for (const [fromEnd, { p, index }] of order.entries()) {
    lowest = Math.min(lowest, (p * Math.max(tests, pValues.length)) / (pValues.length - fromEnd));
    result[index] = lowest;
  }
  return result;
};

/** Highest share of false reports that is accepted. */
export const falseReports = 0.05;
