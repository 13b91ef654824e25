// A schema as it is compared: parts of allOf put together, and what can be written in two ways written in one.
import { isMap, isTrue, type JsonMap, listAt, mapAt, memberOf, pointerStep, textAt } from '../openapi/json-node.js';
import type { OpenApiDocument } from '../openapi/openapi-document.js';

/** A schema and where it stands. */
export interface Place {
  readonly schema: unknown;
  /** JSON Pointer. */
  readonly at: string;
}

export interface Property extends Place {
  required: boolean;
}

export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
  readonly at: string;
}

export interface ComparableSchema {
  readonly at: string;
  /** Without null; undefined: any. */
  types: ReadonlySet<string> | undefined;
  nullable: boolean;
  format: string | undefined;
  /** Of enum or const, without null. */
  values: { readonly list: readonly unknown[]; readonly at: string } | undefined;
  readonly properties: Map<string, Property>;
  closed: boolean;
  additional: Place | undefined;
  items: Place | undefined;
  /** By the name of the bound: number, length, items, members; with `lower` or `upper`. */
  readonly bounds: Map<string, Bound>;
  multipleOf: number | undefined;
  pattern: { readonly value: string; readonly at: string } | undefined;
  uniqueItems: boolean;
  fallback: { readonly value: unknown; readonly at: string } | undefined;
  /** Of oneOf or anyOf, without null; undefined: there are none. */
  alternatives: readonly Place[] | undefined;
  /** The only alternative, put together with the schema itself. */
  only: Place | undefined;
  /** Keywords that no rule judges, with their values. */
  readonly others: Map<string, unknown>;
  /** A reference that was not followed. */
  unread: string | undefined;
}

const judgedByNoRule = [
  ...['not', 'if', 'then', 'else', 'patternProperties', 'prefixItems', 'contains', 'minContains', 'maxContains'],
  ...[
    'propertyNames',
    'dependentSchemas',
    'dependentRequired',
    'unevaluatedProperties',
    'unevaluatedItems',
    'discriminator',
  ],
];

// Parts of one allOf that are put together; parts that share parts would otherwise be taken in all combinations.
const maxParts = 500;

const boundKeys = [
  ['number lower', 'minimum', false],
  ['number lower', 'exclusiveMinimum', true],
  ['number upper', 'maximum', false],
  ['number upper', 'exclusiveMaximum', true],
  ['length lower', 'minLength', false],
  ['length upper', 'maxLength', false],
  ['items lower', 'minItems', false],
  ['items upper', 'maxItems', false],
  ['members lower', 'minProperties', false],
  ['members upper', 'maxProperties', false],
] as const;

/** Whether `bound` lets fewer values through than `other`. */
export const isTighter = (name: string, bound: Bound | undefined, other: Bound | undefined): boolean => {
  if (bound === undefined) return false;
  if (other === undefined) return true;
  if (bound.value === other.value) return bound.exclusive && !other.exclusive;
  return name.endsWith('lower') ? bound.value > other.value : bound.value < other.value;
};

const isNull = (schema: unknown): boolean =>
  memberOf(schema, 'type') === 'null' || (isMap(schema) && Object.hasOwn(schema, 'const') && schema['const'] === null);

class Collector {
  private parts = 0;
  readonly view: ComparableSchema;

  constructor(
    private readonly document: OpenApiDocument,
    at: string,
  ) {
    this.view = {
      at,
      types: undefined,
      nullable: false,
      format: undefined,
      values: undefined,
      properties: new Map(),
      closed: false,
      additional: undefined,
      items: undefined,
      bounds: new Map(),
      multipleOf: undefined,
      pattern: undefined,
      uniqueItems: false,
      fallback: undefined,
      alternatives: undefined,
      only: undefined,
      others: new Map(),
      unread: undefined,
    };
  }

  absorb(place: Place, trail: ReadonlySet<unknown>): void {
    const { value, at, reference } = this.document.resolve(place.schema, place.at);
    if (value === undefined && reference !== undefined) this.view.unread ??= reference;
    this.parts += 1;
    if (value === false) this.view.others.set('false', true);
    if (!isMap(value) || trail.has(value)) return;
    if (this.parts > maxParts) {
      this.view.others.set('allOf', 'too many parts');
      return;
    }
    const below = new Set([...trail, value]);
    this.takeType(value, at);
    this.takeMembers(value, at);
    this.takeBounds(value, at);
    for (const key of judgedByNoRule) if (Object.hasOwn(value, key)) this.view.others.set(key, value[key]);
    listAt(value, 'allOf').forEach((schema, index) => {
      this.absorb({ schema, at: `${at}/allOf/${index}` }, below);
    });
    this.takeAlternatives(value, at, below);
  }

  private takeType(schema: JsonMap, at: string): void {
    const { view } = this;
    const type = memberOf(schema, 'type');
    const names = (Array.isArray(type) ? (type as unknown[]) : [type]).filter((one) => typeof one === 'string');
    if (names.length > 0 && view.types === undefined) {
      view.types = new Set(names.filter((name) => name !== 'null'));
      if (names.includes('null')) view.nullable = true;
    }
    if (isTrue(schema, 'nullable')) view.nullable = true;
    view.format ??= textAt(schema, 'format');
    const pattern = textAt(schema, 'pattern');
    if (pattern !== undefined) view.pattern ??= { value: pattern, at: `${at}/pattern` };
    if (Object.hasOwn(schema, 'default')) view.fallback ??= { value: schema['default'], at: `${at}/default` };
    const key = Object.hasOwn(schema, 'const') ? 'const' : 'enum';
    const list = key === 'const' ? [schema['const']] : listAt(schema, 'enum');
    if (list.length === 0) return;
    view.values ??= { list: list.filter((value) => value !== null), at: `${at}/${key}` };
    if (list.includes(null) && view.types === undefined) view.nullable = true;
  }

  private takeMembers(schema: JsonMap, at: string): void {
    const { view } = this;
    for (const [name, value] of Object.entries(mapAt(schema, 'properties'))) {
      const known = view.properties.get(name);
      const place = { schema: value, at: `${at}/properties${pointerStep(name)}` };
      // Of several parts that describe a member, the first is compared.
      if (known === undefined || known.schema === true)
        view.properties.set(name, { ...place, required: known?.required ?? false });
    }
    for (const name of listAt(schema, 'required')) {
      if (typeof name !== 'string') continue;
      const known = view.properties.get(name);
      if (known === undefined) view.properties.set(name, { schema: true, at, required: true });
      else known.required = true;
    }
    const additional = memberOf(schema, 'additionalProperties');
    if (additional === false) view.closed = true;
    else if (isMap(additional)) view.additional ??= { schema: additional, at: `${at}/additionalProperties` };
    const items = memberOf(schema, 'items');
    if (items !== undefined) view.items ??= { schema: items, at: `${at}/items` };
    if (isTrue(schema, 'uniqueItems')) view.uniqueItems = true;
  }

  private takeBounds(schema: JsonMap, at: string): void {
    for (const [name, key, open] of boundKeys) {
      const value = memberOf(schema, key);
      if (typeof value !== 'number' || (value <= 0 && !name.startsWith('number') && name.endsWith('lower'))) continue;
      // OpenAPI 3.0 says by `exclusiveMinimum: true` that `minimum` is open.
      const exclusive =
        open || isTrue(schema, key === 'minimum' ? 'exclusiveMinimum' : key === 'maximum' ? 'exclusiveMaximum' : '');
      const bound = { value, exclusive, at: `${at}/${key}` };
      if (isTighter(name, bound, this.view.bounds.get(name))) this.view.bounds.set(name, bound);
    }
    const multipleOf = memberOf(schema, 'multipleOf');
    if (typeof multipleOf === 'number' && multipleOf > 0) this.view.multipleOf ??= multipleOf;
  }

  private takeAlternatives(schema: JsonMap, at: string, trail: ReadonlySet<unknown>): void {
    for (const key of ['oneOf', 'anyOf']) {
      const all = listAt(schema, key).map((one, index) => ({ schema: one, at: `${at}/${key}/${index}` }));
      if (all.length === 0) continue;
      const places = all.filter((place) => !isNull(place.schema));
      if (places.length < all.length) this.view.nullable = true;
      const [only] = places;
      if (places.length === 1 && only !== undefined) {
        this.view.only ??= only;
        this.absorb(only, trail);
      } else if (this.view.alternatives === undefined) this.view.alternatives = places;
      else this.view.others.set(key, schema[key]);
    }
  }
}

/** A schema without a type that has members is an object, and so on. */
const implyType = (view: ComparableSchema): void => {
  if (view.types !== undefined) return;
  const { values } = view;
  if (view.properties.size > 0 || view.additional !== undefined) view.types = new Set(['object']);
  else if (view.items !== undefined) view.types = new Set(['array']);
  else if (values !== undefined && values.list.length > 0) {
    const names = new Set(values.list.map((value) => (Array.isArray(value) ? 'array' : typeof value)));
    view.types = names;
  }
};

/** A schema with its references followed; of references that lead out nothing is known but that. */
export const comparable = (document: OpenApiDocument, place: Place): ComparableSchema => {
  const collector = new Collector(document, document.resolve(place.schema, place.at).at);
  collector.absorb(place, new Set());
  implyType(collector.view);
  return collector.view;
};
