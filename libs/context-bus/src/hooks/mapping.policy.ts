// What of a body is put where in a payload, by JSON Pointers (RFC 6901).
import type { HookMapping } from '@pulser/contracts';

type Tree = Readonly<Record<string, unknown>>;

const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** @returns undefined when there is nothing */
export const valueAt = (body: unknown, pointer: string): unknown =>
  segmentsOf(pointer).reduce<unknown>(
    (value, part) => (isTree(value) && Object.hasOwn(value, part) ? value[part] : undefined),
    body,
  );

const withValue = (at: unknown, [part, ...rest]: readonly string[], value: unknown): unknown => {
  if (part === undefined) return value;
  if (Array.isArray(at))
    return at.map((item, n) => (String(n) === part ? withValue(item, rest, value) : (item as unknown)));
  const tree = isTree(at) ? at : {};
  return { ...tree, [part]: withValue(Object.hasOwn(tree, part) ? tree[part] : undefined, rest, value) };
};

export type Mapped =
  | { readonly kind: 'mapped'; readonly payload: Record<string, unknown> }
  /** The body has nothing at these pointers, and nothing stands for it. */
  | { readonly kind: 'missing'; readonly pointers: readonly string[] };

/** An item of a list is replaced where the list has it; anything on the way that is no object or list becomes an object. */
export const mapped = (payload: Record<string, unknown>, map: readonly HookMapping[], body: unknown): Mapped => {
  const found = map.map(({ from, to, default: otherwise }) => {
    const value = valueAt(body, from);
    return { from, to, value: value === undefined ? otherwise : value };
  });
  const pointers = found.filter(({ value }) => value === undefined).map(({ from }) => from);
  if (pointers.length > 0) return { kind: 'missing', pointers };
  const filled = found.reduce<unknown>((at, { to, value }) => withValue(at, segmentsOf(to), value), payload);
  return { kind: 'mapped', payload: filled as Record<string, unknown> };
};
