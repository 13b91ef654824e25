import { stl } from './stl.policy.js';

const season = [5, 3, -2, -6];
const series = (at: number): number => 100 + 0.5 * at + (season[at % 4] ?? 0);
const count = 60;

describe('STL', () => {
  const all = Array.from({ length: count }, () => true);

  it('finds a straight trend and a constant season exactly', () => {
    const { trend, season: found } = stl(
      Array.from({ length: count }, (_, at) => series(at)),
      all,
      4,
    );
    for (let at = 0; at < count; at += 1) {
      expect(trend[at]).toBeCloseTo(100 + 0.5 * at, 6);
      expect(found[at]).toBeCloseTo(season[at % 4] ?? 0, 6);
    }
  });

  it('is not moved by a value that stands out, nor by one that was put in', () => {
    const values = Array.from({ length: count }, (_, at) => series(at) + (at === 30 ? 80 : 0) + (at === 41 ? 500 : 0));
    const { trend, season: found } = stl(
      values,
      all.map((_, at) => at !== 41),
      4,
    );
    for (const at of [29, 30, 31, 41]) expect((trend[at] ?? 0) + (found[at] ?? 0)).toBeCloseTo(series(at), 1);
  });
});
