// What is wrong with a payload by the schema of its operation. It helps while somebody writes: the API decides.
import { type OutputUnit, Validator } from '@cfworker/json-schema';

import { type Json, type PayloadProblem, isObject, pointerOf, stepsOf, valueAt } from './pointer.policy.js';

const draft = '2020-12';

// These say only that something below them is wrong, which is said there.
const wrappers: ReadonlySet<string> = new Set([
  '$ref',
  'allOf',
  'items',
  'patternProperties',
  'prefixItems',
  'properties',
  'unevaluatedProperties',
  // Named where nothing more may be said: at the object, by `additionalProperties`.
  'false',
]);

const unions: ReadonlySet<string> = new Set(['anyOf', 'oneOf']);

const isBelow = (place: string, parent: string): boolean => place === parent || place.startsWith(`${parent}/`);

/** How far a value is from a branch of a union: the kind counts most, then what tells branches apart. */
const distance = (errors: readonly OutputUnit[], place: string): number =>
  errors.reduce((sum, { keyword, instanceLocation }) => {
    if (keyword === 'type' && instanceLocation === place) return sum + 1_000;
    const isTag = keyword === 'const' || keyword === 'enum';
    return sum + (isTag && instanceLocation.split('/').length <= place.split('/').length + 1 ? 100 : 1);
  }, 0);

/** Of a union only the branch counts that the value is closest to: what it would take to be another one is noise. */
const closest = (errors: readonly OutputUnit[]): readonly OutputUnit[] => {
  const union = errors.find(({ keyword }) => unions.has(keyword));
  if (union === undefined) return errors;
  const { keywordLocation, instanceLocation } = union;
  const isOfUnion = (unit: OutputUnit): boolean =>
    isBelow(unit.keywordLocation, keywordLocation) && isBelow(unit.instanceLocation, instanceLocation);
  const others = errors.filter((unit) => !isOfUnion(unit));
  const branches = Map.groupBy(
    errors.filter((unit) => unit !== union && isOfUnion(unit)),
    (unit) => unit.keywordLocation.slice(keywordLocation.length + 1).split('/')[0],
  );
  const [nearest] = [...branches.values()].sort(
    (a, b) => distance(a, instanceLocation) - distance(b, instanceLocation),
  );
  const kept = nearest ?? [{ ...union, keyword: 'none' }];
  return [...closest(others), ...closest(kept)];
};

/** What a keyword of the schema demands, wherever references lead on the way. */
const demandOf = (root: Json, keywordLocation: string): unknown => {
  let at: unknown = root;
  for (const step of stepsOf(keywordLocation)) {
    at = valueAt(at, pointerOf([step]));
    if (step === '$ref' && typeof at === 'string') at = valueAt(root, at.slice(1));
  }
  return at;
};

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'a text',
};

const kindOf = (type: unknown): string =>
  [type]
    .flat()
    .map((one) => kinds[String(one)] ?? String(one))
    .join(' or ');

const jsonOf = (value: unknown): string => JSON.stringify(value);

const texts: Readonly<Record<string, (demand: unknown) => string>> = {
  const: (demand) => `Must be ${jsonOf(demand)}`,
  enum: (demand) => `Must be one of ${Array.isArray(demand) ? demand.map(jsonOf).join(', ') : jsonOf(demand)}`,
  exclusiveMaximum: (demand) => `Must be less than ${jsonOf(demand)}`,
  exclusiveMinimum: (demand) => `Must be more than ${jsonOf(demand)}`,
  additionalProperties: () => 'Is no member of this object',
  format: (demand) => `Must be written as ${String(demand)}`,
  maxItems: (demand) => `At most ${jsonOf(demand)} items`,
  maxLength: (demand) => `At most ${jsonOf(demand)} characters`,
  maximum: (demand) => `At most ${jsonOf(demand)}`,
  minItems: (demand) => `At least ${jsonOf(demand)} ${demand === 1 ? 'item' : 'items'}`,
  minLength: (demand) => (demand === 1 ? 'Must not be empty' : `At least ${jsonOf(demand)} characters`),
  minimum: (demand) => `At least ${jsonOf(demand)}`,
  multipleOf: (demand) => `Must be a multiple of ${jsonOf(demand)}`,
  none: () => 'Fits none of the forms that it may have, or more than one',
  pattern: (demand) => `Must fit the pattern ${String(demand)}`,
  required: () => 'Is required',
  type: (demand) => `Must be ${kindOf(demand)}`,
  uniqueItems: () => 'Must not hold the same item twice',
};

const namedIn = (error: string): string => /^Property "(.*)" does not match/s.exec(error)?.[1] ?? '';

const locationOf = (encoded: string): string => decodeURI(encoded).slice(1);

/** Whether an error says something that no other says: the library counts members that are wrong as additional ones too. */
const isTelling = (schema: Json, { keyword, keywordLocation, error }: OutputUnit): boolean => {
  if (wrappers.has(keyword)) return false;
  if (keyword !== 'additionalProperties') return true;
  const location = locationOf(keywordLocation);
  if (demandOf(schema, location) !== false) return false;
  const declared = demandOf(schema, location.replace(/additionalProperties$/, 'properties'));
  return !(isObject(declared) && Object.hasOwn(declared, namedIn(error)));
};

const problemOf = (schema: Json, { keyword, keywordLocation, instanceLocation, error }: OutputUnit): PayloadProblem => {
  const pointer = locationOf(instanceLocation);
  const text = texts[keyword];
  const detail = text === undefined ? error : text(demandOf(schema, locationOf(keywordLocation)));
  if (keyword === 'additionalProperties') return { pointer: pointer + pointerOf([namedIn(error)]), detail };
  if (keyword !== 'required') return { pointer, detail };
  const missing = /required property "(.*)"\.$/s.exec(error)?.[1] ?? '';
  return { pointer: pointer + pointerOf([missing]), detail };
};

/** The problems of a value; none for a schema that cannot be read here. */
export const problemsOf = (schema: Json, value: unknown): readonly PayloadProblem[] => {
  try {
    const { valid, errors } = new Validator(schema, draft, false).validate(value);
    if (valid) return [];
    const found = closest(errors.filter((unit) => isTelling(schema, unit)));
    const problems = found.map((unit) => problemOf(schema, unit));
    return [...new Map(problems.map((problem) => [problem.pointer + problem.detail, problem])).values()];
  } catch {
    // A pattern or reference that this browser cannot read: the API says what is wrong.
    return [];
  }
};

/** Whether a value fits a part of a schema. @param root where its references lead */
export const fits = (part: unknown, value: unknown, root: Json): boolean => {
  if (typeof part === 'boolean') return part;
  if (!isObject(part)) return true;
  const { $defs, definitions } = root;
  const whole = { ...part, ...($defs !== undefined && { $defs }), ...(definitions !== undefined && { definitions }) };
  try {
    return new Validator(whole, draft).validate(value).valid;
  } catch {
    return false;
  }
};
