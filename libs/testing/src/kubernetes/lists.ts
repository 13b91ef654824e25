// Lists with selectors and pages, as the API answers them.
import { ApiError } from './status.js';
import type { Fields, StoredObject } from './store.js';

const matchesLabel = (labels: Readonly<Record<string, string>>, requirement: string): boolean => {
  const [, name = '', values = ''] = /^([\w./-]+) in \((.*)\)$/.exec(requirement) ?? [];
  if (name !== '') return values.split(',').includes(labels[name] ?? '');
  const [key = '', value] = requirement.split(/==?/);
  return value === undefined ? key in labels : labels[key] === value;
};

// A comma inside of brackets parts nothing.
const requirementsOf = (selector: string): readonly string[] =>
  selector.split(/,(?![^(]*\))/).filter((part) => part !== '');

const fieldAt = (object: Fields, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Fields | undefined)?.[name], object);

const matches = (object: StoredObject, query: URLSearchParams): boolean =>
  requirementsOf(query.get('labelSelector') ?? '').every((part) => matchesLabel(object.metadata.labels ?? {}, part)) &&
  requirementsOf(query.get('fieldSelector') ?? '').every((part) => {
    const [path = '', value] = part.split('=');
    return fieldAt(object, path) === value;
  });

const decoded = (token: string): number => {
  const start = Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start)) throw new ApiError(410, 'The provided continue parameter is too old', {}, 'Expired');
  return start;
};

/** One page of what matches. */
export const pageOf = (
  objects: readonly StoredObject[],
  query: URLSearchParams,
  kind: string,
  resourceVersion: string,
): Fields => {
  const found = objects.filter((object) => matches(object, query));
  const token = query.get('continue');
  const start = token === null ? 0 : decoded(token);
  const end = start + Number(query.get('limit') ?? found.length);
  const remaining = found.length - end;
  const more = remaining > 0 && {
    continue: Buffer.from(String(end)).toString('base64url'),
    remainingItemCount: remaining,
  };
  return { ...listHead(kind), metadata: { resourceVersion, ...more }, items: found.slice(start, end) };
};

const listHead = (kind: string): Fields => ({ kind: `${kind}List`, apiVersion: 'v1' });
