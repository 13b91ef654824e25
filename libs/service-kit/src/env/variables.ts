// The usual kinds of environment variables.
import { z } from 'zod';

/** @param usual when it is not set */
export const numberVariable = (min: number, max: number, usual: number) =>
  z.coerce.number().min(min).max(max).default(usual);

/** @param usual when it is not set */
export const wholeVariable = (min: number, max: number, usual: number) =>
  z.coerce.number().int().min(min).max(max).default(usual);

export const commaSeparated = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Comma separated; by default none. */
export const listVariable = () => z.string().default('').transform(commaSeparated);
