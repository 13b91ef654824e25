// The kinds of patches that the API takes.
import { ApiError } from './status.js';
import type { Fields } from './store.js';

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396; a strategic merge differs in lists with keys alone, which these tests do not patch. */
export const merged = (target: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) return patch;
  const given = Object.entries(patch);
  const kept = Object.entries(isFields(target) ? target : {}).filter(([name]) => patch[name] !== null);
  const before = new Map(kept);
  const changed = given
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, merged(before.get(name), value)]);
  return Object.fromEntries([...kept, ...changed]);
};

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

/** RFC 6902, the operation `replace` alone. */
export const replaced = (target: Fields, operations: readonly Operation[]): Fields => {
  const result = structuredClone(target);
  for (const { op, path, value } of operations) {
    if (op !== 'replace') throw new ApiError(400, `unsupported operation ${op}`);
    const keys = path.slice(1).split('/');
    const last = keys.pop() ?? '';
    const holder = keys.reduce<Record<string, unknown>>(
      (at, key) => at[key] as Record<string, unknown>,
      result as never,
    );
    holder[last] = value;
  }
  return result;
};

/** Who owns which leaf of an object. */
export type Owners = Map<string, string>;

const leaves = (value: unknown, path = ''): [string, unknown][] =>
  isFields(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([name, item]) => leaves(item, `${path}.${name}`))
    : [[path, value]];

const identity = /^\.(apiVersion|kind|metadata\.(name|namespace))$/;

const conflictsOf = (current: Fields | undefined, applied: Fields, owners: Owners, manager: string) => {
  const present = new Map(current === undefined ? [] : leaves(current));
  return leaves(applied).filter(([path, value]) => {
    const owner = owners.get(path);
    return owner !== undefined && owner !== manager && JSON.stringify(present.get(path)) !== JSON.stringify(value);
  });
};

const conflict = (paths: readonly string[], owners: Owners): ApiError => {
  const causes = paths.map((field) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${owners.get(field) ?? ''}"`,
    field,
  }));
  return new ApiError(409, `Apply failed with ${paths.length} conflict`, { causes });
};

const without = (value: Fields, path: string): Fields => {
  const [name = '', ...rest] = path.slice(1).split('.');
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
  const inner = value[name];
  return isFields(inner) ? { ...value, [name]: without(inner, `.${rest.join('.')}`) } : value;
};

/**
 * Server-side apply over leaves: https://kubernetes.io/docs/reference/using-api/server-side-apply/
 * @throws ApiError 409 for fields of other managers, unless forced
 */
export const applied = (
  current: Fields | undefined,
  patch: Fields,
  { owners, manager, force }: { readonly owners: Owners; readonly manager: string; readonly force: boolean },
): Fields => {
  const conflicts = conflictsOf(current, patch, owners, manager).map(([path]) => path);
  if (conflicts.length > 0 && !force) throw conflict(conflicts, owners);
  const wanted = new Set(leaves(patch).map(([path]) => path));
  const dropped = [...owners].filter(([path, owner]) => owner === manager && !wanted.has(path)).map(([path]) => path);
  const kept = dropped.reduce(without, current ?? {});
  for (const path of dropped) owners.delete(path);
  for (const path of wanted) if (!identity.test(path)) owners.set(path, manager);
  return merged(kept, patch) as Fields;
};
