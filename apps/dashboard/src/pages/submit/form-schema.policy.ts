// The schema of an operation as the form draws it: every form of a union has a name, and what has no form is written as JSON.
import { fits } from './payload-problems.policy.js';
import { type Json, isObject } from './pointer.policy.js';

const schemasIn = ['properties', '$defs', 'definitions', 'patternProperties'] as const;
const schemaLists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const;

const typeWords: Readonly<Record<string, string>> = {
  array: 'list',
  boolean: 'true or false',
  integer: 'whole number',
  null: 'null',
  number: 'number',
  object: 'object',
  string: 'text',
};

const propertiesOf = (schema: Json): Json => (isObject(schema['properties']) ? schema['properties'] : {});

/** The values that tell a branch from others: `kind: pie`. */
const tagOf = (branch: Json): string | undefined => {
  for (const property of Object.values(propertiesOf(branch))) {
    if (!isObject(property)) continue;
    if (typeof property['const'] === 'string') return property['const'];
  }
  return undefined;
};

const sharedTag = (branches: readonly Json[]): string | undefined => {
  const names = branches.flatMap((branch) => Object.keys(propertiesOf(branch)));
  return [...new Set(names)].find((name) =>
    branches.every((branch) => {
      const property = propertiesOf(branch)[name];
      return isObject(property) && ('const' in property || Array.isArray(property['enum']));
    }),
  );
};

const nameOfBranch = (branch: Json, tag: string | undefined): string => {
  if (typeof branch['title'] === 'string') return branch['title'];
  if ('const' in branch) return String(branch['const']);
  const tagged = tag === undefined ? undefined : propertiesOf(branch)[tag];
  if (isObject(tagged) && Array.isArray(tagged['enum'])) return tagged['enum'].map(String).join(', ');
  if (isObject(tagged) && 'const' in tagged) return String(tagged['const']);
  const own = tagOf(branch);
  if (own !== undefined) return own;
  const { type, required } = branch;
  if (type === 'object' && Array.isArray(required) && required.length > 0) return `with ${required.join(', ')}`;
  return typeof type === 'string' ? (typeWords[type] ?? type) : 'JSON';
};

const named = (branches: readonly unknown[]): readonly unknown[] => {
  const tag = sharedTag(branches.filter(isObject));
  const names = branches.map((branch) => (isObject(branch) ? nameOfBranch(branch, tag) : 'JSON'));
  return branches.map((branch, index) => {
    if (!isObject(branch)) return branch;
    const name = names[index] ?? '';
    const isOnly = names.filter((other) => other === name).length === 1;
    return { ...branch, title: isOnly ? name : `${name} (${String(index + 1)})` };
  });
};

const typed = ['$ref', 'anyOf', 'allOf', 'const', 'enum', 'oneOf', 'properties', 'type', 'additionalProperties'];

/** Whether anything may stand there, so that there is nothing to draw. */
export const isAnything = (schema: unknown): boolean =>
  schema === true || (isObject(schema) && !typed.some((name) => name in schema));

/** The schema with a name for every branch of its unions. */
export const formSchemaOf = (schema: unknown): unknown => {
  // Without a member of its own, a field is left out of the form.
  if (isAnything(schema)) return { ...(isObject(schema) && schema), $comment: 'anything' };
  if (!isObject(schema)) return schema;
  const next: Record<string, unknown> = { ...schema };
  for (const name of schemasIn) {
    const of = next[name];
    if (isObject(of))
      next[name] = Object.fromEntries(Object.entries(of).map(([key, value]) => [key, formSchemaOf(value)]));
  }
  for (const name of schemaLists) {
    const of = next[name];
    if (!Array.isArray(of)) continue;
    const made = of.map(formSchemaOf);
    next[name] = name === 'anyOf' || name === 'oneOf' ? named(made) : made;
  }
  if (isObject(next['items'])) next['items'] = formSchemaOf(next['items']);
  if (isObject(next['additionalProperties'])) next['additionalProperties'] = formSchemaOf(next['additionalProperties']);
  return next;
};

/** Which of the branches a value is; the first one when there is no value. -1: none. */
export const branchOf = (branches: readonly unknown[], value: unknown, root: Json): number => {
  if (value === undefined) return 0;
  const exact = branches.findIndex((branch) => fits(branch, value, root));
  if (exact >= 0 || !isObject(value))
    return exact >= 0 ? exact : branches.findIndex((branch) => isOfType(branch, value));
  const objects = branches.filter(isObject);
  const tag = sharedTag(objects);
  const tagged = branches.findIndex(
    (branch) => isObject(branch) && tag !== undefined && fits(propertiesOf(branch)[tag], value[tag], root),
  );
  if (tagged >= 0) return tagged;
  const scores = branches.map((branch) => (isObject(branch) && isOfType(branch, value) ? alike(branch, value) : -1));
  const best = Math.max(...scores);
  return best < 0 ? -1 : scores.indexOf(best);
};

const alike = (branch: Json, value: Json): number =>
  Object.keys(value).filter((name) => name in propertiesOf(branch)).length;

const jsonType = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

const isOfType = (branch: unknown, value: unknown): boolean => {
  if (!isObject(branch)) return false;
  const type = jsonType(value);
  const types = [branch['type']].flat();
  return types.includes(type) || (type === 'number' && types.includes('integer'));
};

const empty: Readonly<Record<string, unknown>> = {
  array: [],
  boolean: false,
  integer: undefined,
  null: null,
  number: undefined,
  string: undefined,
};

/** A value as a branch wants it: it keeps the members that the branch has too, and takes on its tags. */
export const asBranch = (branch: unknown, value: unknown, root: Json): unknown => {
  if (!isObject(branch)) return value;
  if ('const' in branch) return branch['const'];
  const { type } = branch;
  if (type !== 'object') {
    if (isOfType(branch, value)) return value;
    return typeof type === 'string' ? empty[type] : undefined;
  }
  const members = isObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(propertiesOf(branch)).flatMap(([name, property]) => {
      if (isObject(property) && 'const' in property) return [[name, property['const']]];
      const before = members[name];
      return before !== undefined && fits(property, before, root) ? [[name, before]] : [];
    }),
  );
};

/** Which fields draw the parts of a schema, where the form library would not know; undefined: it knows them all. */
export const formUiOf = (schema: unknown): Record<string, unknown> | undefined => {
  if (isAnything(schema)) return { 'ui:field': 'anything' };
  if (!isObject(schema)) return undefined;
  const ui: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const of = formUiOf(property);
    if (of !== undefined) ui[name] = of;
  }
  for (const name of ['items', 'additionalProperties'] as const) {
    const of = isObject(schema[name]) ? formUiOf(schema[name]) : undefined;
    if (of !== undefined) ui[name] = of;
  }
  return Object.keys(ui).length === 0 ? undefined : ui;
};

/**
 * What the form made, as JSON: members that were emptied are left out. An item of a list cannot be, so it is an empty text until
 * something is written.
 */
export const asJson = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => (item === undefined ? '' : asJson(item)));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, asJson(member)]])),
  );
};
