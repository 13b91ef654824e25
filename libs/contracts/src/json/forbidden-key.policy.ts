// Both reach Object.prototype when a later merge is careless; a plain `constructor` column is harmless.
export const isForbiddenEntry = (key: string, value: unknown): boolean =>
  key === '__proto__' ||
  (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype'));

// A library's parser of tables may assign keys: one called `__proto__` then is no entry any more, but the prototype.
const hasForeignPrototype = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && !Array.isArray(value) && Object.getPrototypeOf(prototype) !== null;
};

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);

/** Whether a value as it came from outside could pollute prototypes, however deep. Takes no stack: depth is no danger here. */
export const hasForbiddenKey = (root: unknown): boolean => {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (!isPlain(value)) continue;
    if (hasForeignPrototype(value)) return true;
    for (const [key, item] of Object.entries(value)) {
      if (isForbiddenEntry(key, item)) return true;
      open.push(item);
    }
  }
  return false;
};

const forbiddenName = /^(?:__proto__|constructor[.[]prototype)(?=$|[.[\]])/;

/** Whether a name without structure (a header, a query parameter) reads as a forbidden key: `__proto__[x]`, `constructor.prototype`. */
export const isForbiddenName = (name: string): boolean => forbiddenName.test(name.toLowerCase());
