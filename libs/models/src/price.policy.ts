// What calls cost, in whole micro-dollars: a millionth of a dollar is a price of one dollar per million tokens for one token.
import { z } from 'zod';

import type { Usage } from './chat.js';

const MicrosPerMillion = z.int().min(0).max(1_000_000_000_000);

/** Micro-dollars per million tokens. */
export const Price = z.strictObject({ input: MicrosPerMillion, output: MicrosPerMillion }).meta({ id: 'ModelPrice' });
export type Price = z.infer<typeof Price>;

/** Model to price. */
export type Prices = Readonly<Record<string, Price>>;

const million = 1_000_000n;

const costOf = (tokens: number, perMillion: number): bigint => BigInt(tokens) * BigInt(perMillion);

/** Rounded up once, over both: a call of a model that has a price is never free. */
export const microsOf = ({ inputTokens, outputTokens }: Usage, { input, output }: Price): number =>
  Number((costOf(inputTokens, input) + costOf(outputTokens, output) + million - 1n) / million);

/**
 * The most output tokens that a rest of money buys beside its input.
 * @param micros what is left
 */
export const affordableOutput = (micros: number, inputTokens: number, { input, output }: Price): number => {
  const left = BigInt(Math.max(0, Math.floor(micros))) * million - costOf(inputTokens, input);
  if (left < 0n) return 0;
  return output === 0 ? Number.MAX_SAFE_INTEGER : Number(left / BigInt(output));
};
