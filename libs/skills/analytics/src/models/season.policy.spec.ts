import { seasonOf, seasonStrength } from './season.policy.js';

/** Pseudo-random numbers from 0 to 1, the same each time (mulberry32). */
const noise = (count: number, seed: number): number[] => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((more ^ (more >>> 14)) >>> 0) / 4_294_967_296;
  });
};

const wave = (count: number, length: number): number[] =>
  Array.from({ length: count }, (_, at) => Math.sin((2 * Math.PI * at) / length) + at * 0.01);

describe('a season', () => {
  it('makes all of a pure wave and nothing of noise, however long it is', () => {
    expect(seasonStrength(wave(120, 12), 12)).toBeGreaterThan(0.99);
    const strengths = Array.from({ length: 40 }, (_, seed) => seasonStrength(noise(200, seed), 50) ?? 1);
    expect(strengths.reduce((sum, strength) => sum + strength, 0) / strengths.length).toBeLessThan(0.1);
  });

  it('cannot be told of less than two whole ones around the trend', () => {
    expect(seasonStrength(wave(30, 12), 12)).toBeNull();
    expect(seasonStrength(wave(40, 12), 12)).toBeGreaterThan(0.9);
  });

  it('is the given one, else the strongest of the calendar, the shorter of two alike', () => {
    expect(seasonOf(wave(400, 7), [7, 14])).toMatchObject({ length: 7, source: 'calendar' });
    expect(seasonOf(wave(1_200, 365), [7, 365])).toMatchObject({ length: 365, source: 'calendar' });
    expect(seasonOf(wave(400, 7), [7], 9)).toMatchObject({ length: 9, source: 'given' });
    expect(seasonOf(wave(400, 7), [7], 1)).toEqual({ length: 1, source: 'given', strength: null });
  });

  it('is sought where the calendar knows none, and not found in noise', () => {
    expect(seasonOf(wave(300, 11), [])).toMatchObject({ length: 11, source: 'found' });
    expect(seasonOf(noise(300, 5), [])).toMatchObject({ length: 1, source: 'none' });
  });
});
