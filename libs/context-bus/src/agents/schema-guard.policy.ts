/**
 * Which JSON Schemas of agents may be compiled into the process that accepts tasks, and how much work one of them is.
 * A schema comes from outside and runs on payloads from outside, on the event loop: its cost must be known beforehand.
 */
import { startOf } from '@pulser/contracts';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that apply a subschema to the same value: their costs add up there. */
const inPlaceOne = ['not', 'if', 'then', 'else'] as const;
const inPlaceMany = ['allOf', 'anyOf', 'oneOf'] as const;
const inPlaceNamed = ['dependentSchemas'] as const;
/** Keywords that apply a subschema to members of the value. */
const memberOne = [
  'items',
  'additionalProperties',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;
const memberMany = ['prefixItems'] as const;
const memberNamed = ['properties', 'patternProperties'] as const;

const refused = ['$dynamicRef', '$recursiveRef', '$dynamicAnchor', '$recursiveAnchor'] as const;

/** Subschemas of one schema. More would take too long to compile. */
const maxSubschemas = 500;
/** Payloads are at most 32 levels deep, see jsonLimits. */
const maxDepth = 33;
/** Times that one subschema may be applied to one value, over all ways that lead to it. */
const maxApplications = 16;
/** `uniqueItems` compares every item with every other one. */
const maxUniqueItems = 256;

/** What a schema is good for. */
export type SchemaVerdict =
  | { readonly ok: true /** Comparisons that one value may cost, at most. */; readonly weight: number }
  | { readonly ok: false; readonly reason: string };

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const one = (schema: Schema, keys: readonly string[]): Schema[] => keys.map((key) => schema[key]).filter(isSchema);

const many = (schema: Schema, keys: readonly string[]): Schema[] =>
  keys.flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]).filter(isSchema) : []));

const named = (schema: Schema, keys: readonly string[]): Schema[] =>
  keys.flatMap((key) => (isSchema(schema[key]) ? Object.values(schema[key]).filter(isSchema) : []));

const unescaped = (segment: string): string => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');

class Refused extends Error {}

/** @throws Refused when it leads out of the schema or nowhere */
const target = (root: Schema, ref: unknown): Schema => {
  if (ref === '#') return root;
  if (typeof ref !== 'string' || !ref.startsWith('#/')) throw new Refused('a $ref must be # or begin with #/');
  let at: unknown = root;
  for (const segment of ref.slice(2).split('/')) {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, unescaped(segment)) : undefined;
  }
  if (at === true || at === false) return {};
  if (!isSchema(at)) throw new Refused(`the $ref ${startOf(ref, 100)} leads to no schema`);
  return at;
};

const checkKeywords = (schema: Schema): void => {
  for (const keyword of refused) if (keyword in schema) throw new Refused(`${keyword} is not supported`);
  const { uniqueItems, maxItems } = schema as { uniqueItems?: unknown; maxItems?: unknown };
  if (uniqueItems === true && !(typeof maxItems === 'number' && maxItems <= maxUniqueItems))
    throw new Refused(`uniqueItems needs a maxItems of at most ${maxUniqueItems}`);
};

/** All subschemas, the ones of `$defs` too. */
const collect = (root: Schema): Set<Schema> => {
  const found = new Set<Schema>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isSchema(value) && !found.has(value)) {
      found.add(value);
      if (found.size > maxSubschemas) throw new Refused(`it has more than ${maxSubschemas} objects`);
      checkKeywords(value);
      if (value !== root && '$id' in value) throw new Refused('only the whole schema may have an $id');
    }
    open.push(...(Object.values(value) as unknown[]));
  }
  return found;
};

type Counts = Map<Schema, number>;

/** Every schema that applies to a value to which these apply. @throws Refused when one leads back to itself there */
const closure = (root: Schema, start: Counts): Counts => {
  const counts: Counts = new Map();
  const visit = (schema: Schema, times: number, path: ReadonlySet<Schema>): void => {
    if (path.has(schema)) throw new Refused('a $ref leads back to itself on the same value');
    const total = (counts.get(schema) ?? 0) + times;
    if (total > maxApplications) throw new Refused(`one subschema would apply to a value ${total} times and more`);
    counts.set(schema, total);
    const below = new Set(path).add(schema);
    const ref = '$ref' in schema ? [target(root, schema['$ref'])] : [];
    const inPlace = [...ref, ...one(schema, inPlaceOne), ...many(schema, inPlaceMany), ...named(schema, inPlaceNamed)];
    for (const next of inPlace) visit(next, times, below);
  };
  for (const [schema, times] of start) visit(schema, times, new Set());
  return counts;
};

const members = (applied: Counts): Counts => {
  const counts: Counts = new Map();
  for (const [schema, times] of applied) {
    const below = [...one(schema, memberOne), ...many(schema, memberMany), ...named(schema, memberNamed)];
    for (const next of below) counts.set(next, (counts.get(next) ?? 0) + times);
  }
  return counts;
};

const sizeOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0;

/** Comparisons that applying a schema to one value costs, its subschemas aside. */
const ownWeight = (schema: Schema): number =>
  1 + sizeOf(schema['enum']) + sizeOf(schema['required']) + sizeOf(schema['properties']) + sizeOf(schema['const']);

const weigh = (root: Schema): number => {
  let level: Counts = new Map([[root, 1]]);
  let weight = 0;
  for (let depth = 0; depth < maxDepth && level.size > 0; depth++) {
    const applied = closure(root, level);
    weight = Math.max(
      weight,
      [...applied].reduce((sum, [schema, times]) => sum + times * ownWeight(schema), 0),
    );
    level = members(applied);
  }
  return weight;
};

/** Looks at a schema before it is compiled. Takes time in proportion to its size. */
export const schemaVerdict = (schema: Schema): SchemaVerdict => {
  try {
    collect(schema);
    return { ok: true, weight: weigh(schema) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    throw error;
  }
};
