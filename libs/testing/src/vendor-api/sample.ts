// A value that a schema allows, with what is required and no more: a fake server fills in what its test is about.
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };
export type Schema = Readonly<Record<string, unknown>>;
type Definitions = Readonly<Record<string, Schema>>;
type Fields = Readonly<Record<string, Json | undefined>>;

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parts = (schema: Schema, name: string): readonly Schema[] =>
  (schema[name] as readonly Schema[] | undefined) ?? [];

const resolved = (schema: Schema, definitions: Definitions): Schema => {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  const target = definitions[$ref.replace('#/$defs/', '')];
  if (target === undefined) throw new Error(`No definition ${$ref}.`);
  return resolved(target, definitions);
};

// allOf as one object, the first of anyOf and oneOf.
const merged = (raw: Schema, definitions: Definitions): Schema => {
  const schema = resolved(raw, definitions);
  const also = [
    ...parts(schema, 'allOf'),
    ...parts(schema, 'anyOf').slice(0, 1),
    ...parts(schema, 'oneOf').slice(0, 1),
  ];
  return also.reduce<Schema>((whole, part) => {
    const other = merged(part, definitions);
    return {
      ...other,
      ...whole,
      properties: { ...(other['properties'] as object), ...(whole['properties'] as object) },
      required: [
        ...((other['required'] as string[] | undefined) ?? []),
        ...((whole['required'] as string[] | undefined) ?? []),
      ],
    };
  }, schema);
};

const typeOf = (schema: Schema): unknown => {
  const { type } = schema;
  if (!Array.isArray(type)) return type ?? (schema['properties'] === undefined ? 'string' : 'object');
  return type.includes('null') ? 'null' : type[0];
};

const text = (schema: Schema): string => {
  if (schema['format'] === 'date-time') return '2026-01-01T00:00:00Z';
  if (schema['format'] === 'uri') return 'https://vendor.example/';
  return 'x'.repeat(Number(schema['minLength'] ?? 1));
};

const scalar = (schema: Schema): Json => {
  const values = schema['enum'] as readonly Json[] | undefined;
  if (values?.[0] !== undefined) return values[0];
  switch (typeOf(schema)) {
    case 'null':
      return null;
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return Number(schema['minimum'] ?? 1);
    case 'array':
      return [];
    default:
      return text(schema);
  }
};

const object = (schema: Schema, definitions: Definitions, given: Fields): Json => {
  const properties = (schema['properties'] as Definitions | undefined) ?? {};
  const required = (schema['required'] as string[] | undefined) ?? [];
  const said = Object.keys(given).filter((name) => given[name] !== undefined);
  const names = new Set([...required, ...said]);
  return Object.fromEntries(
    [...names].map((name) => {
      const property = properties[name];
      return [name, property === undefined ? (given[name] ?? null) : sampleOf(property, definitions, given[name])];
    }),
  );
};

/** The least value of a schema that has what is given; objects in it are completed likewise, lists item by item. */
export const sampleOf = (raw: Schema, definitions: Definitions, given?: Json): Json => {
  if (given === null) return null;
  const schema = merged(raw, definitions);
  if (Array.isArray(given)) {
    const items = schema['items'] as Schema | undefined;
    return given.map((item: Json) => (items === undefined ? item : sampleOf(items, definitions, item)));
  }
  if (isFields(given)) return object(schema, definitions, given);
  if (given !== undefined) return given;
  return typeOf(schema) === 'object' ? object(schema, definitions, {}) : scalar(schema);
};
