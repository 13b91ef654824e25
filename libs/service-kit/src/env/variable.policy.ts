import { z } from 'zod';

/** What a schema says about one variable, in words. */
export interface Variable {
  readonly accepts: string | undefined;
  /** As one would write it in the environment; undefined when there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly meaning: string;
  /** False for free text: it may be a URL with a password in it. */
  readonly showable: boolean;
}

const harmless = new Set(['boolean', 'integer', 'number']);

type JsonSchema = z.core.JSONSchema.BaseSchema;

const range = ({ minimum, maximum }: JsonSchema): string => {
  // A plain `int()` is bounded by the safe integers: nothing to tell anybody.
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

/** Reads a variable's rules back out of its schema, for error messages and for the table in the README. */
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
