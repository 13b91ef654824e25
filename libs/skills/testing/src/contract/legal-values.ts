// Values that a schema allows: drawn, at its bounds, and those that the document shows.
import fc from 'fast-check';
import { generateSync } from 'json-schema-faker';

import { isNode, type Node } from './api-document.js';
import { generatedSizes, typesOf } from './inlined-schema.js';
import { seedFor } from './seeds.policy.js';

/** A value, and why it is tried. */
export interface Candidate {
  readonly value: unknown;
  readonly label: string;
}

const draw = (schema: Node, seed: number, optionals: number): Candidate[] => {
  try {
    const value = generateSync(schema, {
      seed,
      optionalsProbability: optionals,
      ...(optionals === 1 && { alwaysFakeOptionals: true }),
      maxDefaultItems: 3,
    });
    return [{ value, label: optionals === 0 ? 'required only' : 'drawn' }];
  } catch {
    // What it cannot make is missing among the candidates, and said where none is left.
    return [];
  }
};

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const numbers = (schema: Node, isInteger: boolean): Candidate[] => {
  const step = isInteger ? 1 : 0.5;
  const unit = number(schema['multipleOf']) ?? step;
  const [min, max] = [number(schema['minimum']), number(schema['maximum'])];
  const [above, below] = [number(schema['exclusiveMinimum']), number(schema['exclusiveMaximum'])];
  const least = min ?? (above === undefined ? undefined : above + unit);
  const most = max ?? (below === undefined ? undefined : below - unit);
  const bounds: [number | undefined, string][] = [
    [least, 'the least'],
    [least === undefined ? undefined : least + unit, 'one above the least'],
    [most, 'the most'],
    [most === undefined ? undefined : most - unit, 'one below the most'],
    [0, 'zero'],
    [-unit, 'negative'],
    [isInteger ? 2_147_483_647 : 1e15, 'large'],
  ];
  return bounds.flatMap(([value, label]) => (value === undefined ? [] : [{ value, label }]));
};

const texts = (schema: Node, seed: number): Candidate[] => {
  const min = number(schema['minLength']) ?? 0;
  const max = number(schema['maxLength']);
  // Only where any text will do: others are drawn by pattern and format.
  if (schema['pattern'] !== undefined || schema['format'] !== undefined) return [];
  const longest = Math.min(max ?? 1_000, generatedSizes.text);
  const limits = { minLength: min, maxLength: Math.min(Math.max(min, 12), longest) };
  const [odd = ''] = fc.sample(fc.string({ unit: 'grapheme', ...limits }), { seed, numRuns: 1 });
  return [
    { value: 'a'.repeat(min), label: 'the shortest text' },
    { value: 'a'.repeat(longest), label: max === undefined ? 'a long text' : 'the longest text' },
    { value: `'"<>&;%${'a'.repeat(min)}`.slice(0, longest), label: 'quotes and signs' },
    { value: odd.toWellFormed().replaceAll('\0', ''), label: 'odd characters' },
  ];
};

const lists = (schema: Node, seed: number): Candidate[] => {
  const { items } = schema;
  const min = number(schema['minItems']) ?? 0;
  const max = Math.min(number(schema['maxItems']) ?? 10, generatedSizes.items);
  const itemsOf = (count: number): unknown[] =>
    Array.from({ length: count }, (_, n) => draw(isNode(items) ? items : {}, seed + n, 1)[0]?.value ?? null);
  return [
    { value: itemsOf(min), label: 'the fewest items' },
    { value: itemsOf(max), label: 'the most items' },
  ];
};

const ofType = (type: string, schema: Node, seed: number): Candidate[] => {
  switch (type) {
    case 'integer':
      return numbers(schema, true);
    case 'number':
      return numbers(schema, false);
    case 'boolean':
      return [true, false].map((value) => ({ value, label: String(value) }));
    case 'null':
      return [{ value: null, label: 'null' }];
    case 'string':
      return texts(schema, seed);
    case 'array':
      return lists(schema, seed);
    default:
      return [];
  }
};

/** Candidates at the bounds of one value. They are not checked against the schema yet. */
export const boundaryValues = (schema: Node, seed: number): Candidate[] => {
  const { enum: values, const: only } = schema;
  if (only !== undefined) return [{ value: only, label: 'the constant' }];
  if (Array.isArray(values))
    return (values as unknown[]).slice(0, 20).map((value) => ({ value, label: `the choice ${String(value)}` }));
  return typesOf(schema).flatMap((type) => ofType(type, schema, seed));
};

/** Candidates for the value of a request that is as it should be: the best first. */
export const usualValues = (schema: Node, seed: number, examples: readonly unknown[]): Candidate[] => {
  const shown = [...examples, ...('default' in schema ? [schema['default']] : []), ...listed(schema['examples'])];
  return [
    ...shown.map((value) => ({ value, label: 'shown by the document' })),
    ...[1, 2, 3].flatMap((n) => draw(schema, seedFor(seed, String(n)), 1)),
    ...[1, 2].flatMap((n) => draw(schema, seedFor(seed, 'some', String(n)), 0.5)),
  ];
};

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]).slice(0, 3) : []);

/** A body with nothing that may be left out. */
export const leastValues = (schema: Node, seed: number): Candidate[] => draw(schema, seed, 0);
