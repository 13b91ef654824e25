// The configuration of a service: a class of variables, read once, each described by its Zod schema.
import { readFileSync } from 'node:fs';

import { startOf } from '@pulser/contracts';
import { z } from 'zod';

import { oneLine } from '../log/one-line.policy.js';

/** Variables by name: those of a process, or a test's. */
export type EnvSource = Readonly<Record<string, string | undefined>>;

/** The only place that reads process.env; all other code gets its configuration injected. */
export const processEnv = (): EnvSource => process.env;

/** A variable has a wrong value. The message is one line: which variable, what is wrong, what is accepted. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Values<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** A variable that is set under the name it had before. */
interface FormerName {
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
const formerNamesIn = (shape: z.core.$ZodShape, values: EnvSource): FormerName[] =>
  Object.entries(shape).flatMap(([name, schema]) => {
    const formerly = formerNameOf(schema);
    return formerly !== undefined && values[name] === undefined && values[formerly] !== undefined
      ? [{ formerly, name }]
      : [];
  });

/** Under which former names an Env instance found its values. */
const usedBy = new WeakMap<object, readonly FormerName[]>();

/** One line per variable that was set under its former name, for a warning when the service starts. */
export const renamingAdvice = (env: object): string[] =>
  (usedBy.get(env) ?? []).map(({ formerly, name }) => `${formerly} is called ${name} now: rename the variable`);

/** The result of {@link Env}: a class to extend, whose instances hold the parsed values. */
export interface EnvClass<S extends z.ZodRawShape> {
  readonly shape: S;
  new (): Readonly<Values<S>>;
  /** @throws ConfigError when a value is wrong or a required one is missing */
  read<T>(this: new () => T, source?: EnvSource): T;
}

/** Any class made by {@link Env}, for code that only needs its instances. */
export interface EnvReader<E> {
  readonly shape: z.ZodRawShape;
  new (): E;
  read(source?: EnvSource): NoInfer<E>;
}

const textOf = (variable: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError(
      `${variable} names a file that cannot be read (${code}): ${JSON.stringify(startOf(file, 200))}`,
    );
  }
};

/**
 * The variables, those that stand in files among them: `NAME_FILE` names a file with the value of `NAME`, as for secrets of
 * containers. A line break at its end does not count.
 * @throws ConfigError when a file cannot be read, or a variable is given both ways
 */
export const withFiles = (names: readonly string[], source: EnvSource): EnvSource => {
  const values = { ...source };
  for (const name of names) {
    const variable = `${name}_FILE`;
    const file = source[variable] ?? '';
    if (file === '') continue;
    if ((source[name] ?? '') !== '') throw new ConfigError(`${name} and ${variable} are both set: remove one of them`);
    values[name] = textOf(variable, file);
    values[variable] = undefined;
  }
  return values;
};

const isSet = ([, value]: [string, string | undefined]): boolean => value !== undefined && value !== '';

const received = (value: string | undefined, showable: boolean): string => {
  if (value === undefined) return 'is not set';
  return showable ? `is ${JSON.stringify(startOf(value, 40))}` : 'has a wrong value';
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
  const given = Object.fromEntries(Object.entries(withFiles(Object.keys(schema.shape), source)).filter(isSet));
  const formerNames = formerNamesIn(schema.shape, given);
  const values = { ...given, ...Object.fromEntries(formerNames.map(({ formerly, name }) => [name, given[formerly]])) };
  const parsed = schema.safeParse(values);
  if (parsed.success) return { values: parsed.data, formerNames };
  const complaints = parsed.error.issues.map((issue) => complaint(schema.shape, values, formerNames, issue));
  throw new ConfigError(oneLine(complaints.join('; ')));
};

/**
 * The configuration of a service as a class, one Zod schema per variable:
 * `class RouterEnv extends Env({ ...BaseEnv, WINDOW: z.coerce.number().int().default(100).describe('...') }) {}`.
 * `RouterEnv.read()` gives the frozen instance; Nest injects it by that class. An empty variable counts as unset.
 * A schema with `.meta({ formerly: 'OLD_NAME' })` also takes the value of its former name, every variable that of the file
 * which `<variable>_FILE` names.
 */
export const Env = <S extends z.ZodRawShape>(shape: S): EnvClass<S> => {
  const schema = z.object(shape);
  class Values {}
  const statics = {
    shape,
    read(this: new () => object, source: EnvSource = processEnv()): object {
      const { values, formerNames } = parse(schema, source);
      const env = Object.assign(new this(), values);
      usedBy.set(env, formerNames);
      return Object.freeze(env);
    },
  };
  // The properties of an instance come from its values, which TypeScript cannot follow.
  return Object.assign(Values, statics) as unknown as EnvClass<S>;
};

/** The rules of one variable in words. */
export interface Variable {
  readonly accepts: string | undefined;
  /** As it is written in the environment; undefined when there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly meaning: string;
  /** False for free text: it may be a URL with a password in it. */
  readonly showable: boolean;
}

const harmless = new Set(['boolean', 'integer', 'number']);

type JsonSchema = z.core.JSONSchema.BaseSchema;

const range = ({ minimum, maximum }: JsonSchema): string => {
  // A plain `int()` is bounded by the safe integers, which is not worth printing.
  const low = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  if (low !== undefined) return ` of at least ${low}`;
  return high === undefined ? '' : ` of at most ${high}`;
};

const accepts = (json: JsonSchema): string | undefined => {
  if (json.enum !== undefined) return json.enum.map(String).join(', ');
  if (json.type === 'boolean') return 'true, false';
  if (json.type === 'integer') return `an integer${range(json)}`;
  if (json.type === 'number') return `a number${range(json)}`;
  return json.format === 'uri' ? 'a URL' : undefined;
};

const written = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Reads the rules of a variable from its schema, for error messages and for the table in the README. */
export const variableOf = (schema: z.core.$ZodType): Variable => {
  const input = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const parsed = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  const fallback = input.default ?? parsed.default;
  return {
    accepts: accepts(parsed),
    default: fallback === undefined || fallback === '' ? undefined : written(fallback),
    required: !z.safeParse(schema, undefined).success,
    meaning: input.description ?? parsed.description ?? '',
    showable: parsed.enum !== undefined || (typeof parsed.type === 'string' && harmless.has(parsed.type)),
  };
};
