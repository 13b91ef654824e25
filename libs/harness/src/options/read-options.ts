import { parseArgs } from 'node:util';

import type { z } from 'zod';

/**
 * Reads `--name value` by a schema with an entry an option.
 * @param flags options without a value
 * @throws TypeError with one line that names the wrong option
 */
export const readOptions = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  args: readonly string[],
  flags: readonly (keyof Shape & string)[] = [],
): z.output<z.ZodObject<Shape>> => {
  const type = (name: string): 'boolean' | 'string' => (flags.includes(name) ? 'boolean' : 'string');
  const options = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, { type: type(name) }]));
  const { values } = parseArgs({ args: [...args], options });
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new TypeError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; '));
};
