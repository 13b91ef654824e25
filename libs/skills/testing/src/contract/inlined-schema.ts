// A schema without references, cut off where it would not end: for making values, never for judging them.
import { pointerOf } from '../schemas/schema-checks.js';
import { type ApiDocument, isNode, type Node } from './api-document.js';

const maxDepth = 7;
const maxNodes = 3_000;
/** Sizes of what is made, whatever the document asks for. */
export const generatedSizes = { items: 200, text: 5_000 } as const;

const listOfSchemas = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const mapOfSchemas = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);
const schemas = new Set(['items', 'additionalProperties', 'contains', 'not', 'if', 'then', 'else', 'propertyNames']);
const kept = new Set([
  ...['type', 'enum', 'const', 'format', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'required', 'minProperties'],
  ...['maxProperties', 'default', 'examples', 'dependentRequired', 'minContains', 'maxContains'],
]);

/** A schema that asks for more than is made. */
export class NotMade extends Error {}

const refuseLarge = ({ minItems, minLength, pattern }: Node): void => {
  if (typeof minItems === 'number' && minItems > generatedSizes.items) throw new NotMade(`lists of ${minItems} items`);
  if (typeof minLength === 'number' && minLength > generatedSizes.text)
    throw new NotMade(`texts of ${minLength} characters`);
  if (typeof pattern === 'string' && (pattern.length > 500 || /\{\d{4,}|\{\d*,\d{4,}/.test(pattern)))
    throw new NotMade('texts of such a pattern');
};

/** Copies what generators understand, references replaced. */
class Inliner {
  private nodes = 0;

  constructor(private readonly document: ApiDocument) {}

  copy(pointer: string, depth: number): Node | boolean {
    const direct = this.document.at(pointer);
    if (typeof direct === 'boolean') return direct;
    if ((this.nodes += 1) > maxNodes || depth > maxDepth) return {};
    const part = this.document.resolved(pointer);
    if (part === undefined) throw new NotMade('what a reference names that leads out of the document');
    refuseLarge(part.node);
    const entries = Object.entries(part.node).flatMap(([key, value]) => this.member(part.pointer, [key, value], depth));
    return this.withRequired(Object.fromEntries(entries), part.pointer);
  }

  private member(above: string, [key, value]: [string, unknown], depth: number): [string, unknown][] {
    const at = above + pointerOf(key);
    if (kept.has(key)) return [[key, value]];
    if (schemas.has(key) && (isNode(value) || typeof value === 'boolean')) return [[key, this.copy(at, depth + 1)]];
    if (listOfSchemas.has(key) && Array.isArray(value))
      return [[key, value.map((_, index) => this.copy(at + pointerOf(String(index)), depth + 1))]];
    if (mapOfSchemas.has(key) && isNode(value)) return [[key, this.map(at, value, depth)]];
    return [];
  }

  private map(at: string, all: Node, depth: number): Node {
    const names = Object.keys(all).filter((name) => !this.isOfAnswers(at + pointerOf(name)));
    return Object.fromEntries(names.map((name) => [name, this.copy(at + pointerOf(name), depth + 1)]));
  }

  // What only answers have is not sent, and not required.
  private withRequired(schema: Node, pointer: string): Node {
    const { required } = schema;
    if (!Array.isArray(required)) return schema;
    const isSent = (name: unknown): boolean => !this.isOfAnswers(pointer + pointerOf('properties', String(name)));
    return { ...schema, required: required.filter(isSent) };
  }

  private isOfAnswers(pointer: string): boolean {
    return this.document.resolved(pointer)?.node['readOnly'] === true;
  }
}

/**
 * The schema at a pointer as one value without references, at most seven levels deep.
 * @throws NotMade when it asks for more than is made
 */
export const inlinedSchema = (document: ApiDocument, pointer: string): Node => {
  const schema = new Inliner(document).copy(pointer, 0);
  return typeof schema === 'boolean' ? {} : schema;
};

/** The types that a schema names. */
export const typesOf = ({ type }: Node): readonly string[] => {
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((one): one is string => typeof one === 'string') : [];
};
