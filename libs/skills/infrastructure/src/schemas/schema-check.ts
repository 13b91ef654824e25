// A value against a closed schema: what ajv finds, in words, without what only follows from it.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

import type { Path } from '../documents/yaml-document.js';
import type { Hit } from '../rules/finding.js';
import { closedSchemas } from './closed-schemas.js';

export type SchemaRule = 'unknown-field' | 'missing-field' | 'wrong-type' | 'wrong-value';

export interface SchemaHit extends Omit<Hit, 'document'> {
  readonly rule: SchemaRule;
}

const maxErrors = 500;

// Durations as Docker writes them (10s, 1m30s), the others are names that compose checks itself.
const composeFormats: Readonly<Record<string, RegExp | true>> = {
  duration: /^(?:\d+(?:\.\d+)?(?:us|µs|ms|s|m|h|d|w))+$|^\$\{|^0$/,
  ports: true,
  expose: true,
  subnet_ip_address: true,
};

const compiler = (definitions: Readonly<Record<string, unknown>>): Ajv => {
  // Numbers and texts are not converted; the schemas are data of known packages, which ajv's strict mode would criticise.
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    logger: false,
    schemas: [{ $id: 'all', definitions }],
  });
  addFormats.default(ajv);
  for (const [name, format] of Object.entries(composeFormats)) ajv.addFormat(name, format);
  return ajv;
};

const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

const listed = (values: unknown): string => {
  const names = (Array.isArray(values) ? values : [values]).map((value) => JSON.stringify(value));
  return names.length > 12 ? `${names.slice(0, 12).join(', ')} or ${names.length - 12} more` : names.join(', ');
};

const typesOf = (errors: readonly ErrorObject[]): string =>
  [...new Set(errors.flatMap(({ params }) => (params as { type: string | string[] }).type))].join(' or ');

const unknownField = ({ instancePath, params, parentSchema }: ErrorObject): SchemaHit => {
  const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
  const known = Object.keys((parentSchema?.['properties'] ?? {}) as object);
  const near = nearest(name, known);
  return {
    rule: 'unknown-field',
    place: 'key',
    path: [...pathOf(instancePath), name],
    message: `The field "${name}" is not known here${near === undefined ? '' : `; did you mean "${near}"?`}`,
  };
};

const hitOf = (error: ErrorObject): SchemaHit => {
  const { keyword, instancePath, params } = error;
  const path = pathOf(instancePath);
  if (keyword === 'additionalProperties') return unknownField(error);
  if (keyword === 'required')
    return {
      rule: 'missing-field',
      place: 'inside',
      path,
      message: `"${String(params['missingProperty'])}" is missing`,
    };
  if (keyword === 'type') return { rule: 'wrong-type', place: 'key', path, message: `It must be ${typesOf([error])}` };
  const allowed: unknown = params['allowedValues'] ?? params['allowedValue'];
  const message =
    allowed === undefined ? `It ${error.message ?? 'is not allowed'}` : `It must be one of ${listed(allowed)}`;
  return { rule: 'wrong-value', place: 'key', path, message };
};

const alternatives = new Set(['oneOf', 'anyOf', 'if', 'not']);

/**
 * ajv reports each alternative that does not fit. When a value has the type of one of them, what is wrong inside it
 * says more than the types of the others.
 */
const withoutAlternatives = (errors: readonly ErrorObject[]): SchemaHit[] => {
  const choices = new Set(errors.filter(({ keyword }) => alternatives.has(keyword)).map((one) => one.instancePath));
  const hits = errors.filter(({ keyword, instancePath }) => {
    if (alternatives.has(keyword)) return false;
    return !(keyword === 'type' && choices.has(instancePath));
  });
  const said = hits.map(hitOf);
  for (const choice of choices) {
    if (hits.some(({ instancePath }) => instancePath === choice || instancePath.startsWith(`${choice}/`))) continue;
    said.push(mistyped(choice, errors));
  }
  return distinct(said);
};

const mistyped = (choice: string, errors: readonly ErrorObject[]): SchemaHit => {
  const types = typesOf(errors.filter(({ keyword, instancePath }) => keyword === 'type' && instancePath === choice));
  const message = types === '' ? 'It fits none of the allowed forms' : `It must be ${types}`;
  return { rule: 'wrong-type', place: 'key', path: pathOf(choice), message };
};

const distinct = (hits: readonly SchemaHit[]): SchemaHit[] => [
  ...new Map(hits.map((hit) => [JSON.stringify([hit.rule, hit.path, hit.message]), hit])).values(),
];

/** A known name at most two letters away. */
const nearest = (name: string, known: readonly string[]): string | undefined => {
  if (name.length > 60) return undefined;
  const [best] = known
    .map((one) => ({ one, away: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ away, one }) => away <= Math.min(2, one.length / 3))
    .sort((a, b) => a.away - b.away);
  return best?.one;
};

// Levenshtein's distance by rows.
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

const hitsOf = (validate: ValidateFunction, value: unknown): SchemaHit[] =>
  validate(value) ? [] : withoutAlternatives((validate.errors ?? []).slice(0, maxErrors));

/** The API takes null for any field that may be absent. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value)) if (member !== null) kept[key] = withoutNulls(member);
  return kept;
};

/** Compiled schemas of a thread, each at its first use. */
class SchemaChecks {
  private readonly compiled = new Map<string, ValidateFunction>();
  private readonly compilers = new Map<string, Ajv>();

  /** @param kind `apiVersion/kind`. @returns undefined for a kind that no schema describes */
  async kubernetes(kind: string, value: unknown): Promise<SchemaHit[] | undefined> {
    const { kinds, definitions } = (await closedSchemas()).kubernetes;
    const name = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (name === undefined) return undefined;
    return hitsOf(this.compile('kubernetes', definitions, name), withoutNulls(value));
  }

  async appPlatform(value: unknown): Promise<SchemaHit[]> {
    const spec = (await closedSchemas())['app-platform'];
    return hitsOf(this.compile('app-platform', { spec }, 'spec'), withoutNulls(value));
  }

  async compose(value: unknown): Promise<SchemaHit[]> {
    const key = 'compose';
    const { compose } = await closedSchemas();
    const validate = this.compiled.get(key) ?? compiler({}).compile(compose);
    this.compiled.set(key, validate);
    return hitsOf(validate, value);
  }

  private compile(format: string, definitions: Readonly<Record<string, unknown>>, name: string): ValidateFunction {
    const ajv = this.compilers.get(format) ?? compiler(definitions);
    this.compilers.set(format, ajv);
    const key = `${format}/${name}`;
    const validate = this.compiled.get(key) ?? ajv.compile({ $ref: `all#/definitions/${name}` });
    this.compiled.set(key, validate);
    return validate;
  }
}

export const schemaChecks = new SchemaChecks();
