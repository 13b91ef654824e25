import fc from 'fast-check';

import {
  bucketOf,
  countOf,
  emptySketch,
  merge,
  quantile,
  relativeError,
  type Sketch,
  sketchOf,
  SketchSum,
  smallestMs,
  valueOf,
} from './sketch.js';

/** From below the smallest duration to some years. */
const duration = fc.double({ min: 0, max: 1e11, noNaN: true });
const durations = fc.array(duration, { maxLength: 300 });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

/** A hair for the last bits of logarithms and powers. */
const bound = relativeError * (1 + 1e-9);

const exactly = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(sorted[Math.floor(q * (sorted.length - 1))] ?? NaN, smallestMs);
};

describe('a sketch of durations', () => {
  it('stands for every duration within the relative error', () => {
    fc.assert(
      fc.property(duration, (ms) => {
        const counted = Math.max(ms, smallestMs);
        expect(Math.abs(valueOf(bucketOf(ms)) - counted)).toBeLessThanOrEqual(bound * counted);
      }),
    );
  });

  it('answers every quantile within the relative error', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), fraction, (values, q) => {
        const exact = exactly(values, q);
        expect(Math.abs((quantile(sketchOf(values), q) ?? NaN) - exact)).toBeLessThanOrEqual(bound * exact);
      }),
    );
  });

  it('of parts is, merged in any order, the sketch of the whole', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 6 }), (parts) => {
        const whole = sketchOf(parts.flat());
        const sketches = parts.map(sketchOf);
        expect(merge(sketches)).toEqual(whole);
        expect(merge(sketches.toReversed())).toEqual(whole);
        expect(sketches.reduce((sum: Sketch, one) => merge([sum, one]), emptySketch)).toEqual(whole);
        expect(countOf(whole)).toBe(parts.flat().length);
      }),
    );
  });

  it('is added up to the same quantiles, in any order and from sums of parts', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 8 }), fraction, (parts, q) => {
        const sketches = parts.map(sketchOf);
        const [sum, ofSums] = [new SketchSum(), new SketchSum()];
        for (const { buckets, counts } of sketches.toReversed()) {
          sum.add(buckets, counts);
          const part = new SketchSum();
          part.add(buckets, counts);
          ofSums.addAll(part);
        }
        const whole = merge(sketches);
        for (const one of [sum, ofSums])
          expect([one.count, one.quantile(q)]).toEqual([countOf(whole), quantile(whole, q)]);
      }),
    );
  });

  it('has buckets in ascending order, each once, and none that is empty', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const { buckets, counts } = sketchOf(values);
        expect([...new Set(buckets)].sort((a, b) => a - b)).toEqual(buckets);
        expect(counts.every((count) => count > 0)).toBe(true);
      }),
    );
  });

  it('merges rows whose buckets are in no order and repeated', () => {
    const loose = { buckets: [7, -3, 7], counts: [1, 2, 3] };
    expect(merge([loose])).toEqual({ buckets: [-3, 7], counts: [2, 4] });
  });

  it('that is empty has no quantiles', () => {
    expect([quantile(emptySketch, 0), quantile(emptySketch, 0.5), quantile(merge([]), 1)]).toEqual([null, null, null]);
  });

  it('keeps the bucket of every duration that a clock measures in two bytes', () => {
    for (const ms of [0, smallestMs, 86_400_000, 365 * 86_400_000, 1e280])
      expect(Math.abs(bucketOf(ms))).toBeLessThan(2 ** 15);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s as a duration', (ms) => {
    expect(() => bucketOf(ms)).toThrow(RangeError);
  });

  it.each([NaN, -0.1, 1.1])('refuses %s as a quantile', (q) => {
    expect(() => quantile(emptySketch, q)).toThrow(RangeError);
    expect(() => new SketchSum().quantile(q)).toThrow(RangeError);
  });
});
