// Where in a payload a dataset can be named, by the schema of the operation.
import { type Json, isObject, pointerOf, valueAt, withValueAt } from './pointer.policy.js';

export interface DatasetPlace {
  readonly pointer: string;
  /** "sources, one more", "from". */
  readonly title: string;
  /** The payload with the dataset there. */
  readonly insert: (payload: Json, reference: string) => Json;
}

const isReference = (schema: unknown): boolean =>
  isObject(schema) && typeof schema['pattern'] === 'string' && schema['pattern'].startsWith('^dataset:');

const propertiesOf = (schema: unknown): Json =>
  isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};

const requiredOf = (schema: unknown): readonly string[] =>
  isObject(schema) && Array.isArray(schema['required']) ? schema['required'].map(String) : [];

/** A name that SQL takes, from a reference: `dataset:sales-2026@3` is `sales_2026`. */
export const tableName = (reference: string): string => {
  const name = reference
    .replace(/^dataset:/, '')
    .replace(/@.*$/, '')
    .replaceAll(/\W+/g, '_');
  return (/^\d/.test(name) ? `t_${name}` : name).slice(0, 63);
};

/** A source that is this dataset: of another one it keeps what must be there, because a dataset has no format of its own. */
const asSource = (schema: unknown, before: unknown, reference: string): Json => {
  const kept = isObject(before) ? before : {};
  const required = requiredOf(schema).filter((name) => name !== 'dataset');
  return {
    ...Object.fromEntries(required.map((name) => [name, kept[name] ?? tableName(reference)])),
    dataset: reference,
  };
};

/** Of these names, how the schema calls the member that holds a reference. */
const sourceIn = (schema: unknown): boolean => isReference(propertiesOf(schema)['dataset']);

/** The places, in the order in which the form shows them: what there is, then one more of a list. */
export const datasetPlaces = (schema: unknown, payload: Json): readonly DatasetPlace[] => {
  const found: DatasetPlace[] = [];
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const pointer = pointerOf([name]);
    if (isReference(property)) {
      found.push({ pointer, title: name, insert: (value, reference) => withValueAt(value, pointer, reference) });
    } else if (sourceIn(property)) {
      const insert = (value: Json, reference: string): Json =>
        withValueAt(value, pointer, asSource(property, valueAt(value, pointer), reference));
      found.push({ pointer, title: name, insert });
    } else if (isObject(property)) found.push(...listPlaces(name, property['items'], valueAt(payload, pointer)));
  }
  return found;
};

const listPlaces = (name: string, item: unknown, value: unknown): readonly DatasetPlace[] => {
  const isSource = sourceIn(item);
  if (!isSource && !isReference(item)) return [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const place = (step: number | '-', title: string): DatasetPlace => {
    const pointer = pointerOf([name, step]);
    return {
      pointer,
      title,
      insert: (payload, reference) => {
        const next = isSource ? asSource(item, valueAt(payload, pointer), reference) : reference;
        const list = valueAt(payload, pointerOf([name]));
        return withValueAt(Array.isArray(list) ? payload : withValueAt(payload, pointerOf([name]), []), pointer, next);
      },
    };
  };
  const called = (one: unknown, index: number): string => {
    const own = isObject(one) && typeof one['name'] === 'string' ? ` (${one['name']})` : '';
    return `${name} ${String(index + 1)}${own}, instead of what is there`;
  };
  return [...items.map((one, index) => place(index, called(one, index))), place('-', `${name}, as one more`)];
};
