import { z } from 'zod';

import type { EnvSource } from './process-env.js';

/** A variable that is set under the name it had before. */
export interface FormerName {
  readonly formerly: string;
  readonly name: string;
}

const formerNameOf = (schema: z.core.$ZodType): string | undefined => {
  const formerly = z.globalRegistry.get(schema)?.['formerly'];
  return typeof formerly === 'string' ? formerly : undefined;
};

/**
 * Variables without a value that have one under their former name, `schema.meta({ formerly: 'OLD_NAME' })`.
 * @param values without those that count as unset
 */
export const formerNamesIn = (shape: z.core.$ZodShape, values: EnvSource): FormerName[] =>
  Object.entries(shape).flatMap(([name, schema]) => {
    const formerly = formerNameOf(schema);
    return formerly !== undefined && values[name] === undefined && values[formerly] !== undefined
      ? [{ formerly, name }]
      : [];
  });

const usedBy = new WeakMap<object, readonly FormerName[]>();

/** Remembers under which former names an Env instance found its values. */
export const rememberFormerNames = (env: object, names: readonly FormerName[]): void => {
  usedBy.set(env, names);
};

/** One line per variable that was set under its former name, for a warning when the service starts. */
export const renamingAdvice = (env: object): string[] =>
  (usedBy.get(env) ?? []).map(({ formerly, name }) => `${formerly} is called ${name} now: rename the variable`);
