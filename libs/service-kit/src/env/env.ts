import { z } from 'zod';

import { oneLine } from '../log/one-line.policy.js';
import { ConfigError } from './config-error.js';
import { type FormerName, formerNamesIn, rememberFormerNames } from './former-names.js';
import { processEnv, type EnvSource } from './process-env.js';
import { variableOf } from './variable.policy.js';

type Values<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** What {@link Env} returns: a class to extend, whose instances hold the parsed values. */
export interface EnvClass<S extends z.ZodRawShape> {
  readonly shape: S;
  new (): Readonly<Values<S>>;
  /** @throws ConfigError when a value is wrong or a required one is missing */
  read<T>(this: new () => T, source?: EnvSource): T;
}

/** Any class made by {@link Env}, seen from where only its instances matter. */
export interface EnvReader<E> {
  readonly shape: z.ZodRawShape;
  new (): E;
  read(source?: EnvSource): NoInfer<E>;
}

const isSet = ([, value]: [string, string | undefined]): boolean => value !== undefined && value !== '';

const received = (value: string | undefined, showable: boolean): string => {
  if (value === undefined) return 'is not set';
  return showable ? `is ${JSON.stringify(value.slice(0, 40))}` : 'has a wrong value';
};

const complaint = (
  shape: z.ZodRawShape,
  values: EnvSource,
  formerNames: readonly FormerName[],
  issue: z.core.$ZodIssue,
): string => {
  const name = String(issue.path[0]);
  const schema = shape[name];
  if (schema === undefined) return issue.message;
  const { accepts, meaning, showable } = variableOf(schema);
  const about = meaning === '' ? '' : ` (${meaning})`;
  const found = formerNames.find((former) => former.name === name)?.formerly ?? name;
  return `${found} ${received(values[name], showable)}: it must be ${accepts ?? `right: ${issue.message}`}${about}`;
};

const parse = <S extends z.ZodRawShape>(schema: z.ZodObject<S>, source: EnvSource) => {
  const given = Object.fromEntries(Object.entries(source).filter(isSet));
  const formerNames = formerNamesIn(schema.shape, given);
  const values = { ...given, ...Object.fromEntries(formerNames.map(({ formerly, name }) => [name, given[formerly]])) };
  const parsed = schema.safeParse(values);
  if (parsed.success) return { values: parsed.data, formerNames };
  const complaints = parsed.error.issues.map((issue) => complaint(schema.shape, values, formerNames, issue));
  throw new ConfigError(oneLine(complaints.join('; ')));
};

/**
 * The configuration of a service as a class, one Zod schema a variable:
 * `class RouterEnv extends Env({ ...BaseEnv, WINDOW: z.coerce.number().int().default(100).describe('...') }) {}`.
 * `RouterEnv.read()` gives the frozen instance; Nest injects it by that class. An empty variable counts as unset.
 * A schema with `.meta({ formerly: 'OLD_NAME' })` also takes the value of its former name.
 */
export const Env = <S extends z.ZodRawShape>(shape: S): EnvClass<S> => {
  const schema = z.object(shape);
  class Values {}
  const statics = {
    shape,
    read(this: new () => object, source: EnvSource = processEnv()): object {
      const { values, formerNames } = parse(schema, source);
      const env = Object.assign(new this(), values);
      rememberFormerNames(env, formerNames);
      return Object.freeze(env);
    },
  };
  // The properties of an instance come from its values, which TypeScript cannot follow.
  return Object.assign(Values, statics) as unknown as EnvClass<S>;
};
