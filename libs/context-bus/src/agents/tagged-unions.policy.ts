/**
 * Unions whose branches differ by a tag, like `kind`: they are marked as such, so that a payload is checked against the
 * branch that its tag names, and told the faults of that branch alone. What is valid stays the same.
 */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords below which there are schemas: one, a list, or one for each name. */
const below: Readonly<Record<string, 'one' | 'many' | 'named'>> = {
  ...Object.fromEntries(
    ['items', 'additionalProperties', 'contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties']
      .concat('not', 'if', 'then', 'else')
      .map((keyword) => [keyword, 'one'] as const),
  ),
  ...Object.fromEntries(['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((keyword) => [keyword, 'many'] as const)),
  ...Object.fromEntries(
    ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'].map(
      (keyword) => [keyword, 'named'] as const,
    ),
  ),
};

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param schema one that the guard lets through: its references lead somewhere, and it has at most 500 subschemas */
export const withTags = (schema: JsonSchema): JsonSchema => marked(schema, schema) as JsonSchema;

const marked = (root: JsonSchema, value: unknown): unknown => {
  if (!isSchema(value)) return value;
  // One of the schema's own, as OpenAPI has it, would stop Ajv.
  const entries = Object.entries(value).filter(([keyword]) => keyword !== 'discriminator');
  return withTag(root, Object.fromEntries(entries.map(([key, item]) => [key, markedBelow(root, key, item)])));
};

const markedBelow = (root: JsonSchema, keyword: string, value: unknown): unknown => {
  const kind = Object.hasOwn(below, keyword) ? below[keyword] : undefined;
  if (kind === 'one') return marked(root, value);
  if (kind === 'many' && Array.isArray(value)) return value.map((item) => marked(root, item));
  if (kind === 'named' && isSchema(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, marked(root, item)]));
  return value;
};

/** Says which values the tag may have, beside the union: Ajv's own error does not. */
const withTag = (root: JsonSchema, schema: JsonSchema): JsonSchema => {
  const { anyOf, oneOf, ...rest } = schema;
  const branches = anyOf === undefined ? oneOf : anyOf;
  if ((anyOf !== undefined && oneOf !== undefined) || !Array.isArray(branches)) return schema;
  const tag = tagOf(branches.map((branch) => resolved(root, branch)));
  if (tag === undefined) return schema;
  const [name, values] = tag;
  const tagged = { type: 'object', required: [name], properties: { [name]: { enum: values } } };
  const allOf = Array.isArray(rest['allOf']) ? (rest['allOf'] as unknown[]) : [];
  return { ...rest, allOf: [...allOf, tagged], oneOf: branches, discriminator: { propertyName: name } };
};

const resolved = (root: JsonSchema, branch: unknown): JsonSchema => {
  if (!isSchema(branch)) return {};
  const ref = branch['$ref'];
  if (typeof ref !== 'string') return branch;
  // Ajv reads the tag of a branch through its $ref only when there is nothing else.
  if (Object.keys(branch).length > 1 || !ref.startsWith('#/')) return {};
  const target = ref
    .slice(2)
    .split('/')
    .map((segment) => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, segment) => (isSchema(at) && Object.hasOwn(at, segment) ? at[segment] : undefined), root);
  return isSchema(target) ? target : {};
};

/** A member that every branch requires, with values that no other branch has; and all of these values. */
const tagOf = (branches: readonly JsonSchema[]): readonly [string, readonly string[]] | undefined => {
  const [first, second] = branches;
  if (first === undefined || second === undefined) return undefined;
  const names = isSchema(first['properties']) ? Object.keys(first['properties']) : [];
  for (const name of names) {
    const values = branches.flatMap((branch) => valuesOf(branch, name));
    const isTag = values.every(isTagValue) && new Set(values).size === values.length;
    if (isTag && branches.every((branch) => valuesOf(branch, name).length > 0)) return [name, values as string[]];
  }
  return undefined;
};

// Ajv keeps them as keys of a plain object.
const isTagValue = (value: unknown): boolean => typeof value === 'string' && value !== '' && !(value in {});

/** None when the branch does not require the member, or takes other values too. */
const valuesOf = (branch: JsonSchema, name: string): readonly unknown[] => {
  const { type, required, properties } = branch;
  if (type !== 'object' || !Array.isArray(required) || !required.includes(name) || !isSchema(properties)) return [];
  const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (!isSchema(member)) return [];
  if ('const' in member) return [member['const']];
  return Array.isArray(member['enum']) ? (member['enum'] as unknown[]) : [];
};
