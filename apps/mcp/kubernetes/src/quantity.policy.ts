// Quantities of the API, as numbers. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
import { ToolError } from '@pulser/mcp-server-kit';

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

/** The number of a quantity such as `250m`, `1.5Gi` or `12e6`; undefined when it is none. */
export const numberOf = (quantity: string): number | undefined => {
  const [, digits, suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(quantity) ?? [];
  const value = Number(digits ?? Number.NaN) * (factors[suffix] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
};

/** @throws ToolError upstream_error: a figure that cannot be read is not shown as 0 */
const readable = (quantity: string): number => {
  const value = numberOf(quantity);
  if (value === undefined)
    throw new ToolError('upstream_error', `The API server says ${quantity}, which is no quantity`);
  return value;
};

/** Whole thousandths of a CPU. @throws ToolError upstream_error */
export const millicoresOf = (quantity: string): number => Math.round(readable(quantity) * 1_000);
/** @throws ToolError upstream_error */
export const bytesOf = (quantity: string): number => Math.round(readable(quantity));
