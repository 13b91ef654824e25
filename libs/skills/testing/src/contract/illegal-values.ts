// Values that a schema does not allow, each wrong in one way. They are checked against the schema before they are sent.
import { isNode, type Node } from './api-document.js';
import { typesOf } from './inlined-schema.js';
import type { Candidate } from './legal-values.js';

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const combined = ['anyOf', 'oneOf', 'allOf', 'not', 'if'];

/** Whether what is allowed can be read from the schema itself. */
export const isPlain = (schema: Node): boolean => !combined.some((key) => key in schema);

const aroundBounds = (schema: Node): Candidate[] => {
  const candidates: [number | undefined, number, string][] = [
    [number(schema['minimum']), -1, 'below the least'],
    [number(schema['maximum']), 1, 'above the most'],
    [number(schema['exclusiveMinimum']), 0, 'at the excluded least'],
    [number(schema['exclusiveMaximum']), 0, 'at the excluded most'],
    [number(schema['multipleOf']), 0.5, 'no multiple'],
  ];
  return candidates.flatMap(([bound, offset, label]) =>
    bound === undefined ? [] : [{ value: bound + offset, label }],
  );
};

const longest = 20_000;

const wrongTexts = (schema: Node): Candidate[] => {
  const [min, max] = [number(schema['minLength']), number(schema['maxLength'])];
  const { pattern, format } = schema;
  return [
    ...(min !== undefined && min > 0 ? [{ value: 'a'.repeat(Math.min(min, longest) - 1), label: 'too short' }] : []),
    ...(max !== undefined && max < longest ? [{ value: 'a'.repeat(max + 1), label: 'too long' }] : []),
    ...(typeof pattern === 'string'
      ? ['~!', 'A', '0'].map((value) => ({ value, label: 'against the pattern' })).slice(0, 1)
      : []),
    ...(typeof format === 'string' ? [{ value: 'not-in-this-format', label: `no ${format}` }] : []),
  ];
};

const wrongChoice = ({ enum: values }: Node): Candidate[] => {
  if (!Array.isArray(values)) return [];
  const text = values.find((one): one is string => typeof one === 'string');
  return [{ value: text === undefined ? 987_654_321 : `${text}-not`, label: 'outside of the choices' }];
};

const wrongLists = (schema: Node): Candidate[] => {
  const [min, max] = [number(schema['minItems']), number(schema['maxItems'])];
  const item = isNode(schema['items']) ? itemOf(schema['items']) : 'a';
  return [
    ...(min !== undefined && min > 0 && min <= 200
      ? [{ value: new Array<unknown>(min - 1).fill(item), label: 'too few items' }]
      : []),
    ...(max !== undefined && max <= 1_000
      ? [{ value: new Array<unknown>(max + 1).fill(item), label: 'too many items' }]
      : []),
  ];
};

// Of about the right kind: that the list is too long is what is wrong with it.
const itemOf = (schema: Node): unknown => {
  const { enum: values } = schema;
  if (Array.isArray(values)) return values[0] as unknown;
  const [type] = typesOf(schema);
  if (type === 'integer' || type === 'number') return number(schema['minimum']) ?? 1;
  if (type === 'boolean') return true;
  return type === 'object' ? {} : 'a'.repeat(number(schema['minLength']) ?? 1);
};

const samples: readonly (readonly [string, unknown])[] = [
  ['string', 'text'],
  ['integer', 7],
  ['boolean', true],
  ['array', []],
  ['object', {}],
];

/** A value of a type that is not among the allowed ones. */
export const ofWrongType = (schema: Node): Candidate[] => {
  const types = typesOf(schema);
  if (types.length === 0) return [];
  const allowed = new Set([...types, ...(types.includes('number') ? ['integer'] : [])]);
  const found = samples.find(([type]) => !allowed.has(type));
  const fraction = types.includes('integer') && !types.includes('number') ? [{ value: 1.5, label: 'a fraction' }] : [];
  return [...(found === undefined ? [] : [{ value: found[1], label: 'of another type' }]), ...fraction];
};

/** Candidates for one value, but for objects and their members. */
export const illegalValues = (schema: Node): Candidate[] => [
  ...ofWrongType(schema),
  ...(isPlain(schema)
    ? [...wrongChoice(schema), ...aroundBounds(schema), ...wrongTexts(schema), ...wrongLists(schema)]
    : []),
];

/** What is written in a URL or a header that is no such value. */
export const illegalTexts = (schema: Node): Candidate[] => {
  const types = typesOf(schema);
  if (!isPlain(schema) || types.length === 0) return [];
  const isText = types.includes('string');
  const words =
    isText || types.includes('array') || types.includes('object') ? [] : [{ value: 'x-y', label: 'of another type' }];
  // A text in a URL has no type: what is wrong with it are its length, pattern and choices.
  const others = illegalValues(schema).filter(({ value, label }) => label !== 'of another type' && value !== '');
  return [...words, ...others.filter(({ value }) => typeof value !== 'object' || Array.isArray(value))];
};

/** Bodies that are wrong in one way, made of one that is right. */
export const illegalBodies = (schema: Node, right: unknown): Candidate[] => {
  const whole = illegalValues(schema).map(({ value, label }) => ({ value, label: `the body: ${label}` }));
  if (!isNode(right) || !isNode(schema['properties'])) return whole;
  const properties = Object.entries(schema['properties']).slice(0, 100);
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const without = (name: string): Node => Object.fromEntries(Object.entries(right).filter(([key]) => key !== name));
  return [
    ...whole,
    ...required.map((name) => ({ value: without(name), label: `${name}: missing` })),
    ...(schema['additionalProperties'] === false
      ? [{ value: { ...right, unknown_member: 1 }, label: 'a member that the closed schema does not have' }]
      : []),
    ...properties.flatMap(([name, property]) =>
      isNode(property)
        ? illegalValues(property).map(({ value, label }) => ({
            value: { ...right, [name]: value },
            label: `${name}: ${label}`,
          }))
        : [],
    ),
  ];
};
