import { centroidOf, coverage, select } from './selection.policy.js';

const unit = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];

describe('the selection of sentences', () => {
  it('begins with the one nearest to all, and does not take its twin next', () => {
    const vectors = [unit(0.6), unit(0.61), unit(-0.6)];
    const chosen = select(vectors, 2).map(({ index }) => index);
    expect(chosen).toEqual([0, 2]);
  });

  it('takes the earlier of equals, and no more than there are', () => {
    expect(select([unit(1), unit(1)], 5).map(({ index }) => index)).toEqual([0, 1]);
  });

  it('covers all when it takes all', () => {
    const vectors = [unit(0), unit(0.5), unit(1)];
    expect(coverage(vectors, select(vectors, 3))).toBeCloseTo(1, 12);
  });

  it('knows the centroid of what cancels itself', () => {
    expect(centroidOf([unit(0), unit(Math.PI)])).toEqual([0, 0]);
  });
});
