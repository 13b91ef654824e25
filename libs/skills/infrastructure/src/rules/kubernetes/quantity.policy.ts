// Quantities of the Kubernetes API: 250m, 512Mi, 1e3.
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const quantity = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eE]([+-]?\d{1,3})|([numkMGTPE]i?|Ki))?$/;

/** @returns its value (cores, bytes), or undefined when it is none */
export const quantityOf = (text: string): number | undefined => {
  const [, digits, exponent, suffix = ''] = quantity.exec(text) ?? [];
  const factor = Object.hasOwn(factors, suffix) ? factors[suffix] : undefined;
  if (digits === undefined || factor === undefined) return undefined;
  return exponent === undefined ? Number(digits) * factor : Number(`${digits}e${exponent}`);
};
