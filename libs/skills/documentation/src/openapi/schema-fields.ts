// The members of a schema as rows of a table. Named schemas are linked to and not repeated, so that recursion ends.
import { isMap, isTrue, type JsonMap, listAt, mapAt, memberOf, textAt } from './json-node.js';
import type { OpenApiDocument } from './openapi-document.js';
import { factsOf, namedSchema, plain, typeNames, typeWords, type Word } from './schema-words.js';

export interface Field {
  /** Such as `owner.name`, `tags[].id`, `prices.*` or, of an alternative without a name, `source (Card).number`. */
  readonly path: string;
  readonly type: readonly Word[];
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly facts: readonly string[];
  readonly description?: string;
}

export interface Fields {
  readonly rows: readonly Field[];
  /** Rows beyond the bound. */
  readonly leftOut: number;
}

const maxDepth = 5;
const maxLeftOut = 5_000;
// Schemas that are opened for one table: parts that share parts would otherwise be opened in all combinations.
const maxOpened = 5_000;

class FieldRows {
  readonly rows: Field[] = [];
  leftOut = 0;
  private opened = 0;
  private readonly places = new Map<string, number>();

  constructor(
    private readonly document: OpenApiDocument,
    private readonly maxRows: number,
  ) {}

  /** @param trail schemas above this one: one that comes again is not opened */
  open(schema: unknown, prefix: string, depth: number, trail: ReadonlySet<unknown>): void {
    this.opened += 1;
    if (!isMap(schema) || depth > maxDepth || trail.has(schema) || this.opened > maxOpened) return;
    const below = new Set([...trail, schema]);
    const required = new Set(listAt(schema, 'required'));
    for (const [name, value] of Object.entries(mapAt(schema, 'properties')))
      this.add(prefix + name, value, required.has(name), depth, below);
    this.openMap(schema, prefix, depth, below);
    for (const part of listAt(schema, 'allOf')) this.openPart(part, prefix, depth, below);
    this.openAlternatives(schema, prefix, depth, below);
    const items = memberOf(schema, 'items');
    if (isMap(items) && prefix === '') this.openInner(items, '[].', depth, below);
  }

  // Of alternatives only what has no name of its own is opened: the others are links in the type. Their members are kept
  // apart, for what one of them asks for another one may not have.
  private openAlternatives(schema: JsonMap, prefix: string, depth: number, trail: ReadonlySet<unknown>): void {
    const all = [...listAt(schema, 'oneOf'), ...listAt(schema, 'anyOf')].filter(
      (part) => memberOf(part, 'type') !== 'null',
    );
    all.forEach((part, index) => {
      if (memberOf(part, '$ref') !== undefined) return;
      const label = `(${textAt(part, 'title') ?? `alternative ${index + 1}`})`;
      const owner = prefix.replace(/\.$/, '');
      this.open(part, all.length === 1 ? prefix : `${owner}${owner === '' ? '' : ' '}${label}.`, depth, trail);
    });
  }

  // Parts of `allOf` belong to the schema itself, named or not.
  private openPart(part: unknown, prefix: string, depth: number, trail: ReadonlySet<unknown>): void {
    const reference = memberOf(part, '$ref');
    this.open(typeof reference === 'string' ? this.document.resolve(part, '').value : part, prefix, depth, trail);
  }

  private openMap(schema: JsonMap, prefix: string, depth: number, trail: ReadonlySet<unknown>): void {
    const additional = memberOf(schema, 'additionalProperties');
    if (isMap(additional) && isMap(memberOf(schema, 'properties')))
      this.add(`${prefix}*`, additional, false, depth, trail);
    else if (isMap(additional)) this.openInner(additional, `${prefix}*.`, depth, trail);
    for (const [pattern, value] of Object.entries(mapAt(schema, 'patternProperties')))
      this.add(`${prefix}/${pattern}/`, value, false, depth, trail);
  }

  private add(path: string, schema: unknown, required: boolean, depth: number, trail: ReadonlySet<unknown>): void {
    if (this.leftOut >= maxLeftOut) return;
    const known = this.places.get(path);
    if (known === undefined && this.rows.length >= this.maxRows) this.leftOut += 1;
    else this.put(known ?? this.rows.length, this.fieldOf(path, schema, required));
    this.openInner(schema, `${path}.`, depth, trail);
  }

  private fieldOf(path: string, schema: unknown, required: boolean): Field {
    const description = textAt(schema, 'description') ?? textAt(schema, 'title');
    return {
      path,
      type: typeWords(this.document, schema),
      required,
      deprecated: isTrue(schema, 'deprecated'),
      facts: factsOf(schema),
      ...(description !== undefined && { description }),
    };
  }

  // Several parts of an allOf may describe one member: all of them hold, and the one with more to say is shown.
  private put(index: number, field: Field): void {
    const known = this.rows[index];
    this.places.set(field.path, index);
    this.rows[index] = known === undefined ? field : merged(known, field);
  }

  // What stands in a member without a name of its own.
  private openInner(schema: unknown, prefix: string, depth: number, trail: ReadonlySet<unknown>): void {
    if (!isMap(schema)) return;
    const reference = memberOf(schema, '$ref');
    if (typeof reference === 'string') {
      if (namedSchema(this.document, reference) === undefined)
        this.openInner(this.document.resolve(schema, '').value, prefix, depth + 1, trail);
      return;
    }
    const items = memberOf(schema, 'items');
    if (isMap(items) && !typeNames(schema).includes('object')) {
      this.openInner(items, prefix.endsWith('.') ? `${prefix.slice(0, -1)}[].` : `${prefix}[].`, depth + 1, trail);
      return;
    }
    this.open(schema, prefix, depth + 1, trail);
  }
}

const isVague = (words: readonly Word[]): boolean => /^(?:array of )?(?:any|object|array)$/.test(plain(words));

const merged = (known: Field, field: Field): Field => ({
  ...known,
  ...(known.description === undefined && field.description !== undefined && { description: field.description }),
  type: isVague(known.type) ? field.type : known.type,
  required: known.required || field.required,
  deprecated: known.deprecated || field.deprecated,
  facts: [...new Set([...known.facts, ...field.facts])],
});

/**
 * @param schema with references followed at its root by the caller, when its members are wanted
 * @param maxRows rows at most; the others are counted
 */
export const fieldsOf = (document: OpenApiDocument, schema: unknown, maxRows: number): Fields => {
  const fields = new FieldRows(document, maxRows);
  fields.open(schema, '', 0, new Set());
  return { rows: fields.rows, leftOut: fields.leftOut };
};
