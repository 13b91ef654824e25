import { DDSketch } from '@datadog/sketches-js';

import { quantile, relativeError, sketchOf } from '../src/index.js';

const count = 20_000;
const quantiles = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

/** Numbers between 0 and 1, the same in every run (mulberry32). */
const numbers = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

const random = numbers(20_261_129);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Durations in ms as they come in practice, and worse. */
const distributions = {
  uniform: () => 1 + 999 * random(),
  exponential: () => 0.02 - 50 * Math.log(1 - random()),
  'log-normal, five decades': () => 100 * Math.exp(2 * normal()),
  'Pareto, a very long tail': () => 5 / (1 - random()) ** (1 / 1.1),
  'two humps': () => (random() < 0.7 ? 12 + Math.abs(normal()) : 30_000 + 500 * Math.abs(normal())),
  'the same again and again': () => 1_000,
  'whole ms of a coarse clock': () => Math.ceil(10 * random()),
} as const satisfies Record<string, () => number>;

const exactly = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? NaN;

describe.each(Object.entries(distributions))('%s', (_, draw) => {
  const values = Array.from({ length: count }, draw);
  const sorted = values.toSorted((a, b) => a - b);
  const sketch = sketchOf(values);

  it.each(quantiles)('quantile %d is within 1 % of the exact one', (q) => {
    const exact = exactly(sorted, q);
    expect(Math.abs((quantile(sketch, q) ?? NaN) - exact)).toBeLessThanOrEqual(relativeError * exact * (1 + 1e-9));
  });

  it('has the quantiles that the reference implementation has', () => {
    const reference = new DDSketch({ relativeAccuracy: relativeError });
    for (const value of values) reference.accept(value);
    for (const q of quantiles) {
      const wanted = reference.getValueAtQuantile(q);
      expect(Math.abs((quantile(sketch, q) ?? NaN) - wanted)).toBeLessThanOrEqual(1e-9 * wanted);
    }
  });
});
