// What an apply changes of an object, as lines.
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Kept by the API server, and different after every write.
const bookkeeping = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink']);

const withoutBookkeeping = (metadata: unknown): unknown =>
  isFields(metadata)
    ? Object.fromEntries(Object.entries(metadata).filter(([name]) => !bookkeeping.has(name)))
    : metadata;

// A hash would do to see that a value changes, and to guess a short one.
const maskedValues = (values: unknown, other: unknown, mark: string): unknown =>
  isFields(values)
    ? Object.fromEntries(
        Object.entries(values).map(([key, value]) => {
          const same = isFields(other) && other[key] === value;
          return [key, same ? '***' : `*** (${mark})`];
        }),
      )
    : values;

const masked = (object: Fields, other: Fields | undefined, mark: string): Fields => {
  if (object['kind'] !== 'Secret') return object;
  const data = Object.entries(object).filter(([name]) => name === 'data' || name === 'stringData');
  return {
    ...object,
    ...Object.fromEntries(data.map(([name, values]) => [name, maskedValues(values, other?.[name], mark)])),
  };
};

// An annotation of client-side applies repeats the whole object, secrets too.
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const withoutLastApplied = (metadata: unknown): unknown => {
  if (!isFields(metadata) || !isFields(metadata['annotations'])) return metadata;
  const annotations = Object.entries(metadata['annotations']).filter(([name]) => name !== lastApplied);
  return { ...metadata, annotations: Object.fromEntries(annotations) };
};

const textOf = (object: Fields | undefined, other: Fields | undefined, mark: string): string => {
  if (object === undefined) return '';
  const fields = Object.entries(masked(object, other, mark)).filter(([name]) => name !== 'status');
  const metadata = withoutLastApplied(withoutBookkeeping(object['metadata']));
  return stringify({ ...Object.fromEntries(fields), metadata }, { sortMapEntries: true, lineWidth: 0 });
};

const contextLines = 3;

/** A unified diff without its header; empty when nothing changes. Values of secrets are masked. */
export const differenceOf = (before: Fields | undefined, after: Fields): string => {
  const texts = [textOf(before, after, 'before'), textOf(after, before, 'after')] as const;
  if (texts[0] === texts[1]) return '';
  const patch = createTwoFilesPatch('before', 'after', ...texts, undefined, undefined, { context: contextLines });
  return patch.slice(patch.indexOf('@@'));
};
