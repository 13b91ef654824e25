import type { Moment } from './crash-step.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

export interface Wrapping {
  /** An object that holds the method: a prototype. */
  readonly owner: object;
  readonly method: string;
  /** Whether this call is one of the step. */
  readonly when?: (args: readonly unknown[], self: unknown) => boolean;
  /** `call`: after the method returned; `promise` (usual): after what it promised is done. */
  readonly after?: 'call' | 'promise';
  /** Whether a call with this outcome did anything. */
  readonly counts?: (outcome: unknown) => boolean;
}

/**
 * Puts a listener before and after a method of a class.
 * @throws TypeError when there is no such method: then the step has moved, and this list must follow
 */
export const wrap = (wrapping: Wrapping, at: (moment: Moment) => void): void => {
  const { owner, method, when = () => true, counts = () => true, after = 'promise' } = wrapping;
  const original: unknown = Reflect.get(owner, method);
  if (typeof original !== 'function') throw new TypeError(`crash point: there is no method ${method} any more`);
  const wrapped: Method = function (...args) {
    if (!when(args, this)) return (original as Method).apply(this, args);
    at('before');
    const outcome = (original as Method).apply(this, args);
    if (after === 'call' || !isPromise(outcome)) {
      if (counts(outcome)) at('after');
      return outcome;
    }
    return outcome.then((value) => {
      if (counts(value)) at('after');
      return value;
    });
  };
  Reflect.set(owner, method, wrapped);
};

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
