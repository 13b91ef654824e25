// A schema in words: its type with links to named schemas, and what else holds for a value.
import { isMap, isTrue, type JsonMap, listAt, memberOf, textAt } from './json-node.js';
import type { OpenApiDocument } from './openapi-document.js';

/** A piece of text; with `schema` it is the name of a schema of the document. */
export interface Word {
  readonly text: string;
  readonly schema?: string;
}

/** Alternatives and allowed values that are written out. */
const maxAlternatives = 8;
const maxValues = 24;
const maxValueLength = 80;
// Eight alternatives of eight alternatives, three levels deep, are 512 words: hostile schemas ask for more.
const maxNesting = 3;

const word = (text: string): Word[] => [{ text }];

/** The words without links. */
export const plain = (words: readonly Word[]): string => words.map(({ text }) => text).join('');

const joined = (parts: readonly (readonly Word[])[], separator: string): Word[] =>
  parts.flatMap((part, index) => (index === 0 ? part : [{ text: separator }, ...part]));

/** The name under `components/schemas` that a reference leads to. */
export const namedSchema = (document: OpenApiDocument, reference: string): string | undefined => {
  const fragment = document.references.fragment(reference);
  const prefix = '/components/schemas/';
  if (fragment === undefined || !fragment.startsWith(prefix)) return undefined;
  const name = fragment.slice(prefix.length);
  if (name.includes('/') || document.references.target(reference) === undefined) return undefined;
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
};

const referenceWords = (document: OpenApiDocument, reference: string, depth: number): Word[] => {
  const name = namedSchema(document, reference);
  if (name !== undefined) return [{ text: name, schema: name }];
  const target = document.references.target(reference);
  if (target === undefined) return word(`not read: ${valueText(reference)}`);
  return depth >= maxNesting ? word('...') : typeWords(document, target, depth + 1);
};

/** The names of `type`, without null. */
export const typeNames = (schema: unknown): string[] => {
  const type = memberOf(schema, 'type');
  const names = Array.isArray(type) ? (type as unknown[]) : [type];
  return names.filter((name): name is string => typeof name === 'string' && name !== 'null');
};

const allowsNull = (schema: unknown): boolean =>
  isTrue(schema, 'nullable') || listAt(schema, 'type').includes('null') || memberOf(schema, 'type') === 'null';

const arrayWords = (document: OpenApiDocument, schema: JsonMap, depth: number): Word[] => {
  const items = memberOf(schema, 'items');
  if (items === undefined || depth >= maxNesting) return word('array');
  return [{ text: 'array of ' }, ...grouped(typeWords(document, items, depth + 1))];
};

const grouped = (words: Word[]): Word[] =>
  words.some(({ text }) => text === ' | ') ? [{ text: '(' }, ...words, { text: ')' }] : words;

const objectWords = (document: OpenApiDocument, schema: JsonMap, depth: number): Word[] => {
  const additional = memberOf(schema, 'additionalProperties');
  if (isMap(memberOf(schema, 'properties')) || !isMap(additional) || depth >= maxNesting) return word('object');
  return [{ text: 'map of ' }, ...grouped(typeWords(document, additional, depth + 1))];
};

const oneTypeWords = (document: OpenApiDocument, schema: JsonMap, type: string, depth: number): Word[] => {
  if (type === 'array') return arrayWords(document, schema, depth);
  if (type === 'object') return objectWords(document, schema, depth);
  const format = textAt(schema, 'format');
  return word(format === undefined ? type : `${type} (${valueText(format)})`);
};

// A schema without a type, told by what else it has.
const impliedType = (schema: JsonMap): string | undefined => {
  if (['properties', 'additionalProperties', 'patternProperties'].some((key) => Object.hasOwn(schema, key)))
    return 'object';
  if (['items', 'prefixItems'].some((key) => Object.hasOwn(schema, key))) return 'array';
  const values = listAt(schema, 'enum');
  if (values.length > 0 && values.every((value) => typeof value === typeof values[0])) return typeof values[0];
  return undefined;
};

const composedWords = (document: OpenApiDocument, schema: JsonMap, depth: number): Word[] | undefined => {
  for (const [key, separator] of [
    ['oneOf', ' | '],
    ['anyOf', ' | '],
    ['allOf', ' & '],
  ] as const) {
    const parts = listAt(schema, key);
    if (parts.length === 0) continue;
    if (depth >= maxNesting) return word('any');
    const shown = parts.slice(0, maxAlternatives).map((part) => typeWords(document, part, depth + 1));
    const distinct = new Map(shown.filter(([first]) => first?.text !== 'any').map((one) => [plain(one), one]));
    const more = parts.length > shown.length ? [word(`${parts.length - shown.length} more`)] : [];
    if (distinct.size > 0) return joined([...distinct.values(), ...more], separator);
  }
  return undefined;
};

const baseWords = (document: OpenApiDocument, schema: JsonMap, depth: number): Word[] => {
  const types = typeNames(schema);
  if (types.length > 0) {
    const composed =
      types[0] === 'object' && !isMap(memberOf(schema, 'properties')) && composedWords(document, schema, depth);
    return (
      composed ||
      joined(
        types.map((type) => oneTypeWords(document, schema, type, depth)),
        ' | ',
      )
    );
  }
  const composed = composedWords(document, schema, depth);
  if (composed !== undefined) return composed;
  if (Object.hasOwn(schema, 'const')) return word(typeof schema['const']);
  const implied = impliedType(schema);
  return implied === undefined ? word('any') : oneTypeWords(document, schema, implied, depth);
};

/** The type of a schema. Ends for every schema: what is nested deeper than three times is left out. */
export const typeWords = (document: OpenApiDocument, schema: unknown, depth = 0): Word[] => {
  if (schema === false) return word('never');
  if (!isMap(schema)) return word('any');
  const reference = memberOf(schema, '$ref');
  if (typeof reference === 'string') return referenceWords(document, reference, depth);
  if (memberOf(schema, 'type') === 'null') return word('null');
  const words = baseWords(document, schema, depth);
  return allowsNull(schema) && words.at(-1)?.text !== 'null' ? [...words, { text: ' | ' }, { text: 'null' }] : words;
};

/** A value of the document on one line, cut with an ellipsis. */
export const valueText = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= maxValueLength ? text : `${text.slice(0, maxValueLength)}…`;
};

const listText = (values: readonly unknown[]): string => {
  const shown = values.slice(0, maxValues).map(valueText).join(', ');
  return values.length <= maxValues ? shown : `${shown} and ${values.length - maxValues} more`;
};

const bounds = [
  ['minimum', '≥'],
  ['maximum', '≤'],
  ['exclusiveMinimum', '>'],
  ['exclusiveMaximum', '<'],
  ['multipleOf', 'a multiple of'],
  ['minLength', 'length ≥'],
  ['maxLength', 'length ≤'],
  ['minItems', 'items ≥'],
  ['maxItems', 'items ≤'],
  ['minProperties', 'members ≥'],
  ['maxProperties', 'members ≤'],
] as const;

// In OpenAPI 3.0 `exclusiveMinimum: true` changes the meaning of `minimum`.
const boundFacts = (schema: JsonMap): string[] =>
  bounds.flatMap(([key, sign]) => {
    const bound = memberOf(schema, key);
    if (typeof bound !== 'number') return [];
    const exclusive =
      (key === 'minimum' && isTrue(schema, 'exclusiveMinimum')) ||
      (key === 'maximum' && isTrue(schema, 'exclusiveMaximum'));
    return [`${exclusive ? sign.replace('≥', '>').replace('≤', '<') : sign} ${bound}`];
  });

/** What holds for a value beside its type, each in a few words. */
export const factsOf = (schema: unknown): string[] => {
  if (!isMap(schema)) return [];
  const values = listAt(schema, 'enum');
  const itemValues = listAt(memberOf(schema, 'items'), 'enum');
  const pattern = textAt(schema, 'pattern');
  return [
    ...(Object.hasOwn(schema, 'const') ? [`always ${valueText(schema['const'])}`] : []),
    ...(values.length > 0 ? [`one of ${listText(values)}`] : []),
    ...(itemValues.length > 0 ? [`items: one of ${listText(itemValues)}`] : []),
    ...(Object.hasOwn(schema, 'default') ? [`default ${valueText(schema['default'])}`] : []),
    ...boundFacts(schema),
    ...(isTrue(schema, 'uniqueItems') ? ['items differ'] : []),
    ...(pattern === undefined ? [] : [`matches ${valueText(pattern)}`]),
    ...(isTrue(schema, 'readOnly') ? ['read only'] : []),
    ...(isTrue(schema, 'writeOnly') ? ['write only'] : []),
  ];
};
