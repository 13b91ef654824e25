// The objects that all code of a thread shares, such as Object.prototype. A text that is used as a key of a plain object
// can change them ('__proto__', 'constructor'), and then every later attempt in this thread.

const { ownKeys, getOwnPropertyDescriptor } = Reflect;

/** Without the members of Error itself: libraries set its stackTraceLimit at any time. */
const shared: readonly object[] = [
  Error.prototype,
  ...[Object, Function, Array, String, Number, Boolean, BigInt, Symbol, Date, RegExp, Map, Set, Promise].flatMap(
    (constructor) => [constructor, constructor.prototype as object],
  ),
];

/** A function has the keys `length` and `name`, and one more when a text was taken for the name of a member of it. */
const keysOf = (value: unknown): number => (typeof value === 'function' ? ownKeys(value).length : 0);

const snapshot = (): unknown[] => {
  const found: unknown[] = [];
  for (const object of shared) {
    for (const key of ownKeys(object)) {
      const member = getOwnPropertyDescriptor(object, key);
      found.push(key, member?.value, keysOf(member?.value), member?.get, member?.set);
    }
  }
  return found;
};

/**
 * Call it when the code of an attempt is loaded and has not run: until then it may add what it needs, such as polyfills.
 * From here on Object.prototype takes no new members.
 *
 * @returns whether the shared objects have changed since. It costs about 0.2 ms.
 */
export const watchSharedObjects = (): (() => boolean) => {
  Object.preventExtensions(Object.prototype);
  const before = snapshot();
  return () => {
    const after = snapshot();
    for (let at = 0; at < before.length; at += 1) if (!Object.is(before[at], after[at])) return true;
    return after.length !== before.length;
  };
};
