// Vectors of texts: of length 1, so that the cosine of two is their dot product.

/** @returns 0 for vectors of different lengths */
export const cosine = (one: ArrayLike<number>, other: ArrayLike<number>): number => {
  if (one.length !== other.length) return 0;
  let [dot, oneSquared, otherSquared] = [0, 0, 0];
  for (let at = 0; at < one.length; at += 1) {
    const [a, b] = [one[at] ?? 0, other[at] ?? 0];
    dot += a * b;
    oneSquared += a * a;
    otherSquared += b * b;
  }
  const length = Math.sqrt(oneSquared * otherSquared);
  return length === 0 ? 0 : dot / length;
};

/** The vector with length 1. @returns undefined for one without a direction: zeros, NaN, infinite */
export const unitVector = (vector: ArrayLike<number>): number[] | undefined => {
  const values = Array.from(vector);
  const length = Math.hypot(...values);
  return Number.isFinite(length) && length > 0 ? values.map((value) => value / length) : undefined;
};

/** The direction of several unit vectors together: their mean with length 1. @returns undefined when they cancel out */
export const meanVector = (vectors: readonly (readonly number[])[]): number[] | undefined => {
  const [first] = vectors;
  if (first === undefined) return undefined;
  return unitVector(first.map((_, at) => vectors.reduce((sum, vector) => sum + (vector[at] ?? 0), 0)));
};
