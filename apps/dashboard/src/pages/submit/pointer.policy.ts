// JSON Pointers (RFC 6901): how the API says which member of a payload it means.

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of a payload, and what is wrong with it. */
export interface PayloadProblem {
  /** From the payload on: `/sources/0/name`; empty for the payload itself. */
  readonly pointer: string;
  readonly detail: string;
}

/** The names and indices of a pointer. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

export const pointerOf = (steps: readonly (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** What stands there; undefined when there is nothing. */
export const valueAt = (root: unknown, pointer: string): unknown =>
  stepsOf(pointer).reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return /^\d+$/.test(step) ? (value as readonly unknown[])[Number(step)] : undefined;
    return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, root);

const setAt = (value: unknown, [step, ...rest]: readonly string[], next: unknown): unknown => {
  if (step === undefined) return next;
  if (Array.isArray(value)) {
    const items = [...(value as readonly unknown[])];
    const index = step === '-' ? items.length : Number(step);
    items[index] = setAt(items[index], rest, next);
    return items;
  }
  const members = isObject(value) ? value : {};
  return { ...members, [step]: setAt(members[step], rest, next) };
};

/** The value with another one there; `-` is behind the last item of a list. What is on the way is made. */
export const withValueAt = (root: Json, pointer: string, next: unknown): Json =>
  setAt(root, stepsOf(pointer), next) as Json;
