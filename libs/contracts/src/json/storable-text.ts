import { z } from 'zod';

import { problemInText } from './json-limits.policy.js';

/** A text for people, of 1 to so many characters, that the database can keep. */
export const storableText = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => problemInText(text) === undefined, 'No NUL character and no broken Unicode');
