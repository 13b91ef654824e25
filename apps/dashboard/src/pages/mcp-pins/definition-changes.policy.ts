// What two definitions of a tool differ in, member by member.
import { isObject, pointerOf } from '../submit/pointer.policy.js';

export interface DefinitionChange {
  /** JSON Pointer into the definition. */
  readonly place: string;
  /** Undefined: it was not there. */
  readonly before: string | undefined;
  /** Undefined: it is not there any more. */
  readonly after: string | undefined;
}

type Step = string | number;

const childrenOf = (value: unknown): readonly (readonly [Step, unknown])[] | undefined => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : [...value.entries()];
  return isObject(value) && Object.keys(value).length > 0 ? Object.entries(value) : undefined;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every member that has none of its own, by its place. */
const leavesOf = (root: unknown): Map<string, string> => {
  const leaves = new Map<string, string>();
  const open: { readonly steps: readonly Step[]; readonly value: unknown }[] = [{ steps: [], value: root }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { steps, value } = next;
    const children = childrenOf(value);
    if (children === undefined) leaves.set(pointerOf(steps), textOf(value));
    else open.push(...children.toReversed().map(([step, child]) => ({ steps: [...steps, step], value: child })));
  }
  return leaves;
};

/** In the order of the new definition; what is gone comes last. @param before null: there was none */
export const changesBetween = (before: unknown, after: unknown): DefinitionChange[] => {
  const [old, now] = [before === null ? new Map<string, string>() : leavesOf(before), leavesOf(after)];
  const come = [...now].flatMap(([place, text]) =>
    old.get(place) === text ? [] : [{ place, before: old.get(place), after: text }],
  );
  const gone = [...old].flatMap(([place, text]) => (now.has(place) ? [] : [{ place, before: text, after: undefined }]));
  return [...come, ...gone];
};

export interface Difference {
  readonly start: string;
  readonly before: string;
  readonly after: string;
  readonly end: string;
}

const sameFrom = (one: readonly string[], other: readonly string[], max: number): number => {
  let at = 0;
  while (at < max && one[at] === other[at]) at += 1;
  return at;
};

/** What two texts have in common at their start and end, and what is between. By whole words. */
export const differenceOf = (before: string, after: string): Difference => {
  const [one, other] = [before.split(/(\s+)/), after.split(/(\s+)/)];
  const least = Math.min(one.length, other.length);
  const start = sameFrom(one, other, least);
  const end = sameFrom(one.toReversed(), other.toReversed(), least - start);
  return {
    start: one.slice(0, start).join(''),
    before: one.slice(start, one.length - end).join(''),
    after: other.slice(start, other.length - end).join(''),
    end: one.slice(one.length - end).join(''),
  };
};
